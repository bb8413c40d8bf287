import type { GatewayState, ModelView, RequestView, TargetView } from '../control/protocol.ts';
import { parseTarget } from '../config/routes.ts';
import type { CommandId } from '../manifest/commands.ts';
import { describeModelTest, type ModelTest } from '../control/modelTests.ts';
import { targetOf } from './answering.ts';
import { withoutIcons } from './plainText.ts';
import { dollars } from './statusTooltip.ts';

/** One row of the switcher. All texts from outside are plain: `$(` in them is no icon. */
export type SwitcherItem =
  | { kind: 'separator'; label: string }
  | { kind: 'command'; label: string; description?: string; command: CommandId }
  | {
      kind: 'choice';
      /** For ChoiceStore. */
      name: string;
      label: string;
      description: string;
      detail?: string | undefined;
      /** `provider,model`. */
      target: string | undefined;
      buttons: readonly SwitcherButton[];
    };

export type SwitcherButton = 'test' | 'set-key' | 'make-default';

export type SwitcherFacts = {
  state: GatewayState;
  models: readonly ModelView[];
  /** The latest contract tests. */
  tests?: readonly ModelTest[];
  /** This window's latest request, which tells what a move of its conversation costs. */
  last: RequestView | undefined;
  /** The current choice; '' is the config's own routing. */
  chosen: string;
};

const separator = '  ·  ';
/** Names of the config. Characters. */
const longestDescription = 160;

/** The config's own routing, presets, routes, then every model by its provider, and the other commands. */
export function switcherItems(facts: SwitcherFacts): SwitcherItem[] {
  const { state } = facts;
  const isDemo = state.source === 'demo';
  const routes = isDemo ? [] : state.routes.filter(({ name }) => !state.presets.some((preset) => preset.name === name));
  const named = (name: string): SwitcherItem => choice(facts, name, name, targetOf(name, state));
  return [
    choice(facts, '', "Config's own routing", isDemo ? undefined : targetOf('default', state)),
    ...section(
      'Presets',
      state.presets.map(({ name }) => named(name)),
    ),
    ...section(
      'Routes',
      routes.map(({ name }) => named(name)),
    ),
    ...(isDemo ? [] : state.providers.flatMap((provider) => providerSection(facts, provider))),
    ...section('CCR', isDemo ? [addProvider, ...commands] : [...commands, addProvider]),
  ];
}

const addProvider: SwitcherItem = { kind: 'command', label: '$(add) Add Provider', command: 'ccr.addProvider' };
const commands: readonly SwitcherItem[] = [
  { kind: 'command', label: '$(terminal) Open Codex Terminal', command: 'ccr.openCodexTerminal' },
  { kind: 'command', label: '$(gear) Open Config', command: 'ccr.openConfig' },
  { kind: 'command', label: '$(output) Show Log', command: 'ccr.showLog' },
  { kind: 'command', label: '$(debug-restart) Restart', description: 'for all windows', command: 'ccr.restartProxy' },
  { kind: 'command', label: '$(debug-stop) Stop', description: 'for all windows', command: 'ccr.stopProxy' },
];

function section(label: string, items: readonly SwitcherItem[]): SwitcherItem[] {
  return items.length === 0 ? [] : [{ kind: 'separator', label }, ...items];
}

function providerSection(facts: SwitcherFacts, provider: GatewayState['providers'][number]): SwitcherItem[] {
  const { name, enabled, needsKey } = provider;
  const own = facts.models.filter(({ target }) => parseTarget(target)?.provider === name);
  const health = enabled ? '' : needsKey ? ': no API key' : ': off';
  return section(
    `${withoutIcons(name)}${health}`,
    own.map(({ target }) => choice(facts, target, parseTarget(target)?.model ?? target, target)),
  );
}

function choice(facts: SwitcherFacts, name: string, label: string, target: string | undefined): SwitcherItem {
  const { state, models, chosen } = facts;
  const model = models.find((each) => each.target === target);
  const isModel = name === target;
  const test = isModel ? facts.tests?.find((each) => each.target === target) : undefined;
  const parts = [
    ...(isModel ? [] : [state.source === 'demo' ? 'the built-in demo, until you create a config' : (target ?? '')]),
    ...healthParts(state, target),
    ...(model?.contextWindow === undefined ? [] : [`${Math.round(model.contextWindow / 1000)}k window`]),
    ...(model?.prices ? [`${price(model.prices.input)} in, ${price(model.prices.output)} out per 1M`] : []),
    ...(test ? [describeModelTest(test)] : []),
  ];
  return {
    kind: 'choice',
    name,
    label: `$(${name === chosen ? 'check' : 'blank'}) ${withoutIcons(label)}`,
    description: parts.map((part) => withoutIcons(part, longestDescription)).join(separator),
    detail: moveText(facts, target),
    target,
    buttons: target === undefined || state.source === 'demo' ? [] : buttonsOf(facts, target, isModel),
  };
}

function buttonsOf({ state }: SwitcherFacts, target: string, isModel: boolean): SwitcherButton[] {
  const isDefault = state.routes.find(({ name }) => name === 'default')?.target === target;
  return ['test', 'set-key', ...(isModel && !isDefault ? (['make-default'] as const) : [])];
}

const conditions: Record<TargetView['state'], string | undefined> = {
  unknown: undefined,
  ok: 'works',
  failing: 'failing',
  cooldown: 'paused after a failure',
  open: 'failing repeatedly',
  off: undefined,
};

function healthParts({ providers, targets, source }: GatewayState, target: string | undefined): string[] {
  if (target === undefined || source === 'demo') return [];
  const provider = providers.find(({ name }) => name === parseTarget(target)?.provider);
  if (!provider) return ['provider not in the config'];
  if (!provider.enabled) return [provider.needsKey ? 'no API key' : 'off'];
  const view = targets.find((each) => each.target === target);
  const condition = view && conditions[view.state];
  if (view?.lastFailure?.kind === 'auth' && view.state !== 'ok') return ['API key refused'];
  return condition === undefined ? [] : [condition];
}

/** Another model has to read the whole conversation again, since caches belong to one model. */
function moveText({ last, models }: SwitcherFacts, target: string | undefined): string | undefined {
  const tokens = last?.inputTokens;
  if (tokens === undefined || target === undefined || last?.target === target) return undefined;
  const prices = models.find((model) => model.target === target)?.prices;
  const cost = prices && `, ${dollars((tokens * prices.input) / 1_000_000)}`;
  return `      Moving the conversation here reads its ${tokens.toLocaleString('en-US')} tokens again${cost ?? ''}`;
}

function price(usd: number): string {
  return `$${Number(usd.toFixed(3))}`;
}
