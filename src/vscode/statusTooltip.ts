import { codeWord } from './dashboard/codeWords.ts';
import { waiting } from './dashboard/words.ts';
import { problemLine } from './displayLanguage.ts';
import { t } from './l10n.ts';
import type { GatewayState, RequestView, TargetView } from '../control/protocol.ts';
import type { CommandId } from '../manifest/commands.ts';
import { worstTarget, type Answering } from './answering.ts';
import { commandLink, escapeMarkdown } from './plainText.ts';
import type { Activity, Running } from './statusView.ts';
import type { Totals } from './dashboard/figures.ts';

/** The commands to which the tooltip links. VS Code runs no others from it. */
export const tooltipCommands: readonly CommandId[] = [
  'ccr.switchPreset',
  'ccr.addProvider',
  'ccr.openDashboard',
  'ccr.setProviderApiKey',
  'ccr.openConfig',
  'ccr.showLog',
];

const separator = ' · ';
/** More have a place in the views. */
const longestList = 12;
/** The share of a budget from which it is marked. */
const closeToLimit = 0.8;

/** The Markdown of the status bar's tooltip. Every text from outside is escaped. */
export function runningTooltip({ isOwner, state }: Running, found: Answering, activity: Activity): string {
  const where = isOwner ? t('runs in this window') : t('runs in process {0}', String(state.pid));
  const lines = [
    `**CCR ${escapeMarkdown(state.version)}** ${t('on port {0}', String(state.port))}, ${where}`,
    routing(state, found),
    ...attention(state, found),
    ...state.problems
      .slice(0, longestList)
      .map((problem) => `$(${problem.severity}) ${escapeMarkdown(problemLine(problem))}`),
    state.providers
      .slice(0, longestList)
      .map((provider) => providerLine(provider, state.targets, activity.now))
      .join('  \n'),
    ...(activity.last ? [lastLine(activity.last)] : []),
    todayLine(activity.today, state.active.streams),
    ...state.budgets.slice(0, longestList).map(budgetLine),
    [
      state.source === 'demo'
        ? commandLink(t('Add Provider'), 'ccr.addProvider')
        : commandLink(t('Switch'), 'ccr.switchPreset'),
      commandLink(t('Open Dashboard'), 'ccr.openDashboard'),
      commandLink(t('Open Config'), 'ccr.openConfig'),
      commandLink(t('Show Log'), 'ccr.showLog'),
    ].join(separator),
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

function routing({ source }: GatewayState, { chosen, wanted }: Answering): string {
  if (source === 'demo') return t('Routing: the built-in demo, until you create a config');
  if (chosen === undefined)
    return t("Routing: the config's own{0}", wanted === undefined ? '' : ` \\(${escapeMarkdown(wanted)}\\)`);
  return t(
    'Routing: {0}',
    `${escapeMarkdown(chosen)}${wanted === undefined || wanted === chosen ? '' : ` \\(${escapeMarkdown(wanted)}\\)`}`,
  );
}

/** Omits the reasons when there are problems: those include them, with their place. */
function attention(
  { stale, status, reasons, problems }: GatewayState,
  { trouble, instead, wanted }: Answering,
): string[] {
  const warnings = [
    ...(stale ? [t("The config can't be used. CCR keeps using the last valid one.")] : []),
    ...(trouble === undefined ? [] : [t('{0} does not answer: {1}', wanted ?? t('The route'), trouble)]),
    ...(instead === undefined ? [] : [t('{0} answers in its place.', instead)]),
    ...(status !== 'healthy' && problems.length === 0 && trouble === undefined ? reasons : []),
  ];
  return warnings.map((warning) => `$(warning) ${escapeMarkdown(warning)}`);
}

const icons: Record<TargetView['state'], string> = {
  unknown: 'circle-outline',
  ok: 'pass',
  failing: 'warning',
  cooldown: 'watch',
  open: 'error',
  off: 'circle-slash',
};

/** Its health, the last failure in its own words, and its key if that is missing or refused. */
function providerLine(
  { name, enabled, reason, needsKey }: GatewayState['providers'][number],
  targets: readonly TargetView[],
  now: number,
): string {
  const setKey = commandLink(t('Set Key'), 'ccr.setProviderApiKey', name);
  if (!enabled) {
    const why = escapeMarkdown(reason ?? t('off'));
    return `$(circle-slash) ${escapeMarkdown(name)}: ${why}${needsKey ? `${separator}${setKey}` : ''}`;
  }
  const worst = worstTarget(name, targets);
  const state = worst?.state ?? 'unknown';
  const speed =
    worst?.firstContentMs === undefined
      ? ''
      : ` \\(${t('first content after {0} ms', Math.round(worst.firstContentMs))}\\)`;
  if (!worst || state === 'ok' || state === 'unknown' || state === 'off')
    return `$(${icons[state]}) ${escapeMarkdown(name)}${speed}`;
  const retry =
    worst.retryAt === undefined || worst.retryAt <= now
      ? ''
      : `${separator}${t('others first for {0}', waiting(worst.retryAt - now))}`;
  const key = worst.lastFailure?.kind === 'auth' ? `${separator}${setKey}` : '';
  return `$(${icons[state]}) ${escapeMarkdown(name)}: ${escapeMarkdown(worst.lastFailure?.message ?? t('on cooldown after a failure'))}${retry}${key}`;
}

function lastLine({ target, model, route, reason, error }: RequestView): string {
  if (error !== undefined) return `$(error) ${t('Last request failed: {0}', escapeMarkdown(error))}`;
  const why = route?.detour ?? (reason === undefined ? undefined : codeWord('reason', reason, t));
  const outcome = `${escapeMarkdown(target ?? t('no target'))}${why === undefined ? '' : `, ${escapeMarkdown(why)}`}`;
  return model === undefined
    ? t('Last request: {0}', outcome)
    : t('Last request for {0}: {1}', escapeMarkdown(model), outcome);
}

function todayLine({ requests, failures, inputTokens, outputTokens, costUsd }: Totals, streams: number): string {
  const now = streams === 0 ? '' : `${t('{0} streaming now', streams)}${separator}`;
  if (requests === 0) return `${now}${t('No requests today')}`;
  const failed = failures === 0 ? '' : ` \\(${t('{0} failed', failures)}\\)`;
  const cost = costUsd === 0 ? '' : `${separator}${dollars(costUsd)}`;
  return `${now}${t('Today: {0} requests', count(requests))}${failed}${separator}${t('{0} + {1} tokens', count(inputTokens), count(outputTokens))}${cost}`;
}

/** How much of a budget is used, and when it resets. */
function budgetLine({ name, share, resetsAt, isUsedUp, preset }: GatewayState['budgets'][number]): string {
  const icon = isUsedUp || share >= closeToLimit ? '$(warning) ' : '';
  const saving = isUsedUp && preset !== undefined ? `${separator}${t('saving with {0}', escapeMarkdown(preset))}` : '';
  const reset = resetsAt === undefined ? '' : `${separator}${t('resets {0}', new Date(resetsAt).toLocaleString())}`;
  return `${icon}${t('Budget {0}: {1} % used', escapeMarkdown(name), Math.round(share * 100))}${saving}${reset}`;
}

export function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? t('under $0.01') : `$${usd.toFixed(2)}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
