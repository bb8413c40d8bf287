import { visibleText } from '../canonical/visibleText.ts';
import { formatProblem } from '../config/problems.ts';
import type { GatewayState } from '../control/protocol.ts';
import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

/** Prints the state of the running gateway. Exits with 0 if one runs, else with 1. */
export async function status(
  options: LocateOptions & { json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') {
    const message = describeAbsence(located);
    if (options.json) context.print(JSON.stringify({ running: false, port: located.port, message }));
    else context.complain(`ccr: ${message}`);
    return 1;
  }
  const state = await located.client.state();
  if (options.json) context.print(JSON.stringify({ running: true, ...state }));
  else for (const line of describeState(state)) context.print(visibleText(line));
  return 0;
}

function describeState(state: GatewayState): string[] {
  const config = state.source === 'demo' ? 'none; using the built-in demo' : state.configFile;
  return [
    `CCR ${state.version} runs at ${state.url} (pid ${state.pid}): ${state.status}`,
    ...state.reasons.map((reason) => `  ${reason}`),
    `Config: ${config}${state.stale ? " can't be used; CCR keeps using the last valid one" : ''}`,
    ...state.problems.map((problem) => `  ${formatProblem(problem)}`),
    ...state.routes.map(({ name, target }) => `Route ${name}: ${target}`),
    ...state.providers.map(
      ({ name, enabled, reason }) => `Provider ${name}: ${enabled ? 'on' : `off, ${reason ?? ''}`}`,
    ),
    ...state.targets.filter(({ lastFailure }) => lastFailure).map(describeTarget),
    ...state.budgets.map(
      ({ name, share, isUsedUp }) => `Budget ${name}: ${isUsedUp ? 'used up' : `${Math.floor(share * 100)} % used`}`,
    ),
    `Now: ${state.active.requests} requests, ${state.active.streams} streams`,
  ];
}

/** What is not plain from the word itself. */
const conditions: Partial<Record<GatewayState['targets'][number]['state'], string>> = {
  open: 'keeps failing; others are tried first',
  cooldown: 'on cooldown',
  failing: 'failed last time',
  unknown: 'not asked yet',
};

/** @example 'Target one,m: on cooldown until 10:12:30; answered at 10:09:11; failed at 10:11:30 (rate-limited): Slow down.' */
function describeTarget(view: GatewayState['targets'][number]): string {
  const { target, state, lastFailure, lastSuccessAt, retryAt, keys = [] } = view;
  const time = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);
  const until = retryAt === undefined ? '' : ` until ${time(retryAt)}`;
  const failure = lastFailure
    ? `; failed at ${time(lastFailure.at)} (${lastFailure.kind}): ${lastFailure.message}`
    : '';
  const answered = lastSuccessAt === undefined ? '' : `; answered at ${time(lastSuccessAt)}`;
  const cooling = keys.map(
    ({ key, retryAt: at, isLimit }) => `; key ${key} ${isLimit ? 'rate-limited' : 'on cooldown'} until ${time(at)}`,
  );
  return `Target ${target}: ${conditions[state] ?? state}${until}${cooling.join('')}${answered}${failure}`;
}
