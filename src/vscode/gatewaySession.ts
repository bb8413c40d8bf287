import { t } from './l10n.ts';
import { messageOf } from '../canonical/errors.ts';
import type { ControlClient } from '../control/client.ts';
import type { ControlEvent, GatewayState } from '../control/protocol.ts';
import { sleep } from '../gateway/clock.ts';
import { translateRequest, translateState } from './displayLanguage.ts';
import type { Connection, Connector, ConnectorParts } from './gatewayConnector.ts';
import type { ThreadEnd } from './gatewayWorker.ts';
import type { RestartPolicy } from './restartPolicy.ts';
import type { StatusBoard } from './statusBoard.ts';
import { problemMessage } from './statusView.ts';

export type SessionParts = Pick<ConnectorParts, 'clock' | 'log'> & {
  /** Gives a gateway this window's secrets and scope before the window shows it. Resolves with its state after that. */
  introduce(client: ControlClient, state: GatewayState): Promise<GatewayState>;
  restarts: RestartPolicy;
  /** From 0 to 1. */
  random(): number;
};

type SessionContext = { parts: SessionParts; connector: Connector; board: StatusBoard };

type Connected = Extract<Connection, { kind: 'connected' | 'newer' }>;

/** The gateway that the window is connected to. */
export type HeldGateway = {
  connection: Connected;
  /** Closes the connection; the gateway keeps running. */
  disconnect: AbortController;
  /** Set when this window ends the connection: it stops the gateway, or connects to another one. */
  leaving?: 'stop' | 'move' | undefined;
};

/** How a connection ended. `gone`: another window's gateway, or ours closed without a crash. */
type Departure = { kind: 'stopped' } | { kind: 'moved' } | { kind: 'gone' } | { kind: 'crashed'; message: string };

/** The time from a start until the gateway is stopped or can't be reached. */
export type GatewaySession = {
  /** Never rejects: the status board shows failures. */
  done: Promise<void>;
  held(): HeldGateway | undefined;
  abort(): void;
};

/** Spreads the windows that lost their gateway, so that one of them takes over before the others try. Milliseconds. */
const takeoverPause = { leastMs: 150, spreadMs: 600 };
/** A thread reports its crash shortly after its connections break. Milliseconds. */
const crashNoticeMs = 1_000;

export function openSession(context: SessionContext): GatewaySession {
  const abort = new AbortController();
  let held: HeldGateway | undefined;
  const hold = (next: HeldGateway | undefined): void => {
    held = next;
  };
  return { done: runSession(context, hold, abort.signal), held: () => held, abort: () => abort.abort() };
}

type Hold = (held: HeldGateway | undefined) => void;

async function runSession(context: SessionContext, hold: Hold, signal: AbortSignal): Promise<void> {
  const { parts, connector, board } = context;
  try {
    for (;;) {
      board.show({ kind: 'starting' });
      const connection = await connector.connect(signal);
      if (connection.kind === 'failed') {
        parts.log.error(problemMessage(connection.problem));
        return board.show(connection);
      }
      const departure = await followGateway(context, connection, hold, signal);
      signal.throwIfAborted();
      if (departure.kind === 'stopped') {
        parts.log.info('The gateway was stopped.');
        return board.show({ kind: 'stopped' });
      }
      if (!(await pauseAfter(context, departure, signal))) return undefined;
    }
  } catch (thrown) {
    if (signal.aborted) return undefined;
    return board.show({ kind: 'failed', problem: { kind: 'other', message: messageOf(thrown) } });
  }
}

/** Shows what the gateway reports until the connection ends. */
async function followGateway(
  context: SessionContext,
  connection: Connected,
  hold: Hold,
  signal: AbortSignal,
): Promise<Departure> {
  const { client } = connection;
  const held: HeldGateway = { connection, disconnect: new AbortController() };
  let token: string | undefined;
  let isIntroduced = false;
  let isStopped = false;
  const onEvent = (event: ControlEvent): void => {
    if (event.type === 'stopped') isStopped = true;
    const isShown = isIntroduced && !held.leaving && connection.kind === 'connected';
    if (event.type === 'request') context.board.report(translateRequest(event.request));
    // Our own thread sends its log directly.
    const isOwn = connection.kind === 'connected' && connection.own !== undefined;
    if (event.type === 'log' && !isOwn) context.parts.log[event.level](event.message);
    if (event.type === 'state' && isShown) showRunning(context, client, event.state, token);
  };
  // Subscribed before the introduction, so that a stop during it is not mistaken for a crash.
  const ended = client.events(onEvent, AbortSignal.any([signal, held.disconnect.signal]));
  let failure: string | undefined;
  try {
    token = await client.clientToken();
    const state =
      connection.kind === 'connected' ? await context.parts.introduce(client, await client.state()) : undefined;
    isIntroduced = true;
    hold(held);
    logConnection(context, client);
    if (state) showRunning(context, client, state, token);
    else context.board.show({ kind: 'newer', url: client.url, port: client.port, version: client.version, token });
  } catch (error) {
    failure = messageOf(error);
    held.disconnect.abort();
  }
  await ended;
  hold(undefined);
  if (failure !== undefined && !isStopped) return { kind: 'crashed', message: `it did not answer: ${failure}` };
  if (isStopped || held.leaving === 'stop') return { kind: 'stopped' };
  return held.leaving === 'move' ? { kind: 'moved' } : departureOf(context, connection);
}

function logConnection({ parts, connector }: SessionContext, { port, version, url }: ControlClient): void {
  const subject = connector.own()?.port === port ? 'This window runs' : 'This window is attached to';
  parts.log.info(`${subject} CCR ${version} at ${url}.`);
}

function showRunning(
  { connector, board }: SessionContext,
  { url, port }: ControlClient,
  state: GatewayState,
  token: string | undefined,
): void {
  const isOwner = connector.own()?.port === port;
  board.show({ kind: 'running', isOwner, state: translateState(state), url, token });
}

/** Whether the gateway that just disappeared was ours and crashed. */
async function departureOf({ parts: { clock } }: SessionContext, connection: Connected): Promise<Departure> {
  const own = connection.kind === 'connected' ? connection.own : undefined;
  if (!own) return { kind: 'gone' };
  const notice = Promise.withResolvers<undefined>();
  const cancel = clock.after(crashNoticeMs, () => notice.resolve(undefined));
  const end: ThreadEnd | undefined = await Promise.race([own.thread.ended, notice.promise]);
  cancel();
  return end?.kind === 'crashed' ? end : { kind: 'gone' };
}

/** Waits before the next connection. Resolves with false when there should be none. */
async function pauseAfter(
  { parts: { clock, log, random, restarts }, board }: SessionContext,
  departure: Exclude<Departure, { kind: 'stopped' }>,
  signal: AbortSignal,
): Promise<boolean> {
  if (departure.kind === 'moved') return true;
  board.show({ kind: 'starting' });
  if (departure.kind === 'gone') {
    log.info('The gateway is gone; looking for its successor.');
    await sleep(clock, takeoverPause.leastMs + random() * takeoverPause.spreadMs, signal);
    return true;
  }
  const delayMs = restarts.next();
  if (delayMs === undefined) {
    const message = t(
      'The gateway crashed five times within a minute ({0}). CCR will not restart it automatically.',
      departure.message,
    );
    board.show({ kind: 'failed', problem: { kind: 'crashed', message } });
    return false;
  }
  log.error(`The gateway crashed: ${departure.message}. Restarting it in ${delayMs / 1000} s.`);
  await sleep(clock, delayMs, signal);
  return true;
}
