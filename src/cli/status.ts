import { visibleText } from '../canonical/visibleText.ts';
import { formatProblem } from '../config/problems.ts';
import type { GatewayState, TargetView } from '../control/protocol.ts';
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
    ...state.targets.map(describeTarget),
    `Now: ${state.active.requests} requests, ${state.active.streams} streams`,
  ];
}

const stateTexts: Record<TargetView['state'], string> = {
  untried: 'not asked yet',
  ok: 'answers',
  failing: 'failed; the next request finds out whether it answers again',
  cooldown: 'on cooldown',
  open: 'failed several times in a row',
  probing: 'failed several times in a row; a request is finding out whether it answers again',
  off: 'off',
};

/** @example 'Target one,m: on cooldown until 2026-12-31T23:59:59.000Z. Last failure ... (timeout): ... Last answer ...' */
function describeTarget({
  target,
  state,
  retryAt,
  lastFailure,
  lastSuccessAt,
  firstTokenMs,
  keys = [],
}: TargetView): string {
  const time = (at: number): string => new Date(at).toISOString();
  const until = retryAt === undefined ? '' : `; asked after the others until ${time(retryAt)}`;
  const sentences = [
    `Target ${target}: ${stateTexts[state]}${until}.`,
    ...keys.map(
      ({ key, retryAt: at, isLimit }) => `Key ${key} is ${isLimit ? 'rate-limited' : 'on cooldown'} until ${time(at)}.`,
    ),
    ...(lastFailure ? [`Last failure ${time(lastFailure.at)} (${lastFailure.kind}): ${lastFailure.message}`] : []),
    ...(lastSuccessAt === undefined
      ? []
      : [`Last answer ${time(lastSuccessAt)}, first content after ${firstTokenMs} ms.`]),
  ];
  return sentences.join(' ');
}
