import { findNamed } from '../../canonical/lists.ts';
import { parseTarget } from '../../config/routes.ts';
import type { GatewayState, ModelView } from '../../control/protocol.ts';
import { t } from '../l10n.ts';

/** A model as VS Code's chat lists it. */
export type ChatModel = {
  id: string;
  name: string;
  /** `provider,model`: what answers, as far as it is known before a request. */
  target: string;
  family: string;
  version: string;
  tooltip: string;
  detail: string;
  maxInputTokens: number;
  maxOutputTokens: number;
  capabilities: { imageInput: boolean; toolCalling: boolean };
};

/** For models of which CCR knows no window: as in the Codex catalog. Tokens. */
const cautiousWindow = 128_000;

/** Of the answer, for models whose limit is unknown. Tokens. */
const cautiousOutput = 16_000;

/** What follows the window's preset, then presets, then every model. Nothing while the demo answers. */
export function chatModels(state: GatewayState, models: readonly ModelView[]): ChatModel[] {
  if (state.source === 'demo') return [];
  const targetOfRoute = (route: string): string => findNamed(state.routes, route)?.target ?? route;
  const of = (id: string, name: string, target: string, tooltip: string): ChatModel => {
    const model = models.find((each) => each.target === target);
    const window = model?.contextWindow ?? cautiousWindow;
    const output = Math.min(model?.maxOutputTokens ?? cautiousOutput, Math.ceil(window / 2));
    return {
      id,
      name,
      target,
      family: parseTarget(target)?.model ?? id,
      version: '1',
      tooltip,
      detail: id === target ? (parseTarget(target)?.provider ?? '') : target,
      maxInputTokens: window - output,
      maxOutputTokens: output,
      capabilities: { imageInput: model?.readsImages ?? false, toolCalling: true },
    };
  };
  const enabled = new Set(state.providers.filter((each) => each.enabled).map(({ name }) => name));
  return [
    of(
      'auto',
      'CCR: auto',
      targetOfRoute('default'),
      t("Routed by CCR: what this window's preset or the config says."),
    ),
    ...state.presets.map(({ name, route }) =>
      of(`preset:${name}`, `CCR: ${name}`, targetOfRoute(route), t('The preset "{0}" of CCR\'s config.', name)),
    ),
    ...models
      .filter(({ target }) => enabled.has(parseTarget(target)?.provider ?? ''))
      .map(({ target }) => of(target, parseTarget(target)?.model ?? target, target, t('{0}, through CCR.', target))),
  ];
}

/** The gateway's name of a listed model. */
export function modelName(id: string): string {
  return id.replace(/^preset:/, '');
}
