import { findNamed } from '../canonical/lists.ts';
import { t } from './l10n.ts';
import type { GatewayState, ModelView, RequestView, TargetView } from '../control/protocol.ts';
import { windowSize } from '../canonical/windowSize.ts';
import { parseTarget } from '../config/routes.ts';
import type { CommandId } from '../manifest/commands.ts';
import { spoken } from '../canonical/wording.ts';
import { describeModelTest } from '../control/describeModelTest.ts';
import type { ModelTest } from '../control/modelTests.ts';
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
    choice(facts, '', t("Config's own routing"), isDemo ? undefined : targetOf('default', state)),
    ...section(
      t('Presets'),
      state.presets.map(({ name }) => named(name)),
    ),
    ...section(
      t('Routes'),
      routes.map(({ name }) => named(name)),
    ),
    ...(isDemo ? [] : state.providers.flatMap((provider) => providerSection(facts, provider))),
    ...section('CCR', isDemo ? [addProvider(), ...commands()] : [...commands(), addProvider()]),
  ];
}

function commandItem(icon: string, label: string, command: CommandId, description?: string): SwitcherItem {
  return { kind: 'command', label: `$(${icon}) ${label}`, command, ...(description !== undefined && { description }) };
}

const addProvider = (): SwitcherItem => commandItem('add', t('Add Provider'), 'ccr.addProvider');
const commands = (): SwitcherItem[] => [
  commandItem('terminal', t('Open Codex Terminal'), 'ccr.openCodexTerminal'),
  commandItem('dashboard', t('Open Dashboard'), 'ccr.openDashboard'),
  commandItem('gear', t('Open Config'), 'ccr.openConfig'),
  commandItem('output', t('Show Log'), 'ccr.showLog'),
  commandItem('debug-restart', t('Restart'), 'ccr.restartInAllWindows', t('for all windows')),
  commandItem('debug-stop', t('Stop'), 'ccr.stopProxy', t('for all windows')),
];

function section(label: string, items: readonly SwitcherItem[]): SwitcherItem[] {
  return items.length === 0 ? [] : [{ kind: 'separator', label }, ...items];
}

function providerSection(facts: SwitcherFacts, provider: GatewayState['providers'][number]): SwitcherItem[] {
  const { name, enabled, needsKey } = provider;
  const own = facts.models.filter(({ target }) => parseTarget(target)?.provider === name);
  const health = enabled ? '' : `: ${needsKey ? t('no API key') : t('off')}`;
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
    ...(isModel ? [] : [state.source === 'demo' ? t('the built-in demo, until you create a config') : (target ?? '')]),
    ...healthParts(state, target),
    ...(model?.contextWindow === undefined ? [] : [t('{0} window', windowSize(model.contextWindow))]),
    ...(model?.prices ? [t('{0} in, {1} out per 1M', price(model.prices.input), price(model.prices.output))] : []),
    ...(test ? [spoken(describeModelTest(test), t)] : []),
  ];
  return {
    kind: 'choice',
    name,
    label: `$(${name === chosen ? 'check' : 'blank'}) ${withoutIcons(label)}`,
    description: parts.map((part) => withoutIcons(part, longestDescription)).join(separator),
    // The conversation is where the current choice has sent it.
    detail: name === chosen ? undefined : moveText(facts, target),
    target,
    buttons: target === undefined || state.source === 'demo' ? [] : buttonsOf(facts, target, isModel),
  };
}

function buttonsOf({ state }: SwitcherFacts, target: string, isModel: boolean): SwitcherButton[] {
  const isDefault = findNamed(state.routes, 'default')?.target === target;
  return ['test', 'set-key', ...(isModel && !isDefault ? (['make-default'] as const) : [])];
}

function conditionOf(state: TargetView['state']): string | undefined {
  switch (state) {
    case 'ok':
      return t('works');
    case 'failing':
      return t('failing');
    case 'cooldown':
      return t('on cooldown after a failure');
    case 'open':
      return t('failing repeatedly');
    case 'unknown':
    case 'off':
      return undefined;
    default:
      return state satisfies never;
  }
}

function healthParts({ providers, targets, source }: GatewayState, target: string | undefined): string[] {
  if (target === undefined || source === 'demo') return [];
  const provider = findNamed(providers, parseTarget(target)?.provider);
  if (!provider) return [t('provider not in the config')];
  if (!provider.enabled) return [provider.needsKey ? t('no API key') : t('off')];
  const view = targets.find((each) => each.target === target);
  const condition = view && conditionOf(view.state);
  if (view?.lastFailure?.kind === 'auth' && view.state !== 'ok') return [t('API key refused')];
  return condition === undefined ? [] : [condition];
}

/** Another model has to read the whole conversation again, since caches belong to one model. */
function moveText({ last, models }: SwitcherFacts, target: string | undefined): string | undefined {
  const tokens = last?.inputTokens;
  if (tokens === undefined || target === undefined || last?.target === target) return undefined;
  const prices = models.find((model) => model.target === target)?.prices;
  const cost = prices ? `, ${dollars((tokens * prices.input) / 1_000_000)}` : '';
  return `      ${t('Moving the conversation here reads its {0} tokens again{1}', tokens.toLocaleString('en-US'), cost)}`;
}

function price(usd: number): string {
  return `$${Number(usd.toFixed(3))}`;
}
