import type { ControlClient } from '../control/client.ts';
import type { ControlEvent, GatewayState } from '../control/protocol.ts';
import { sleep } from '../gateway/clock.ts';
import type { LogLevel } from '../observe/log.ts';
import { createConnector, type Connection, type ConnectorParts } from './gatewayConnector.ts';
import type { ThreadEnd } from './gatewayWorker.ts';
import type { LinkStatus } from './linkStatus.ts';
import type { RestartPolicy } from './restartPolicy.ts';
import { problemMessage } from './statusView.ts';

export type LinkParts = ConnectorParts & {
  /** Gives a gateway what it must know of this window (secrets, scope) before it is shown. Resolves with its state then. */
  introduce(client: ControlClient, state: GatewayState): Promise<GatewayState>;
  restarts: RestartPolicy;
  /** From 0 to 1. */
  random(): number;
};

/**
 * This window's tie to the machine's gateway: it attaches to the one that runs, or starts one on a thread of its own, and
 * steers both through the control API alone. When the gateway goes away without having been stopped, the windows that
 * followed it look for a successor, and the first one becomes it.
 */
export type GatewayLink = {
  status(): LinkStatus;
  onStatus(listener: (status: LinkStatus) => void): () => void;
  /** The gateway that can be steered, while there is one. */
  client(): ControlClient | undefined;
  /** Resolves when it is settled whether there is a gateway now. */
  start(): Promise<LinkStatus>;
  /** Attaches if a gateway runs, and starts none. */
  look(): Promise<void>;
  /** Stops the gateway for all windows. Rejects when it does not take that. */
  stop(): Promise<void>;
  /** Ends the gateway, and starts one in this window. */
  restart(): Promise<LinkStatus>;
  /** Goes where the settings now say, if that is somewhere else. `mustRestart`: what our own gateway was started with changed. */
  follow(mustRestart: boolean): Promise<void>;
  setLogLevel(level: LogLevel): void;
  /** Leaves. Our own thread ends after `drainMs` at the latest. */
  close(drainMs: number): Promise<void>;
};

/** What running requests have when the user stops or restarts the gateway. Milliseconds. */
const drainMs = 2_000;
/** Of several windows that lost their gateway, one should come first. Milliseconds. */
const takeoverPause = { leastMs: 150, spreadMs: 600 };
/** A thread's crash is told a moment after its connections break. Milliseconds. */
const crashNoticeMs = 1_000;

type Connected = Extract<Connection, { kind: 'connected' | 'newer' }>;
/** Why a connection was left: because we wanted to, or how the gateway ended. */
type Leaving = 'stop' | 'move';
type Departure = { kind: 'stopped' } | { kind: 'moved' } | { kind: 'gone' } | { kind: 'crashed'; message: string };
type Held = { connection: Connected; abort: AbortController; leaving?: Leaving | undefined };

export function createGatewayLink(parts: LinkParts): GatewayLink {
  const { clock, log } = parts;
  const connector = createConnector(parts);
  const listeners = new Set<(status: LinkStatus) => void>();
  let status: LinkStatus = { kind: 'stopped' };
  let session: { abort: AbortController; done: Promise<void> } | undefined;
  let held: Held | undefined;

  function show(next: LinkStatus): void {
    status = next;
    for (const listener of listeners) listener(next);
  }

  function onStatus(listener: (status: LinkStatus) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function settled(): Promise<LinkStatus> {
    if (status.kind !== 'starting') return Promise.resolve(status);
    return new Promise((resolve) => {
      const forget = onStatus((next) => {
        if (next.kind === 'starting') return;
        forget();
        resolve(next);
      });
    });
  }

  function start(): Promise<LinkStatus> {
    if (!session) {
      parts.restarts.reset();
      const abort = new AbortController();
      show({ kind: 'starting' });
      const opened = { abort, done: run(abort.signal).finally(() => session === opened && (session = undefined)) };
      session = opened;
    }
    return settled();
  }

  /** Until the gateway is stopped or can't be had. */
  async function run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        show({ kind: 'starting' });
        const connection = await connector.connect(signal);
        if (connection.kind === 'failed') {
          log.error(problemMessage(connection.problem));
          return show(connection);
        }
        const departure = await hold(connection, signal);
        signal.throwIfAborted();
        if (departure.kind === 'stopped') {
          log.info('The gateway was stopped.');
          return show({ kind: 'stopped' });
        }
        if (!(await pauseAfter(departure, signal))) return undefined;
      }
    } catch (thrown) {
      if (signal.aborted) return undefined;
      return show({ kind: 'failed', problem: { kind: 'other', message: describe(thrown) } });
    }
  }

  async function hold(connection: Connected, signal: AbortSignal): Promise<Departure> {
    const current: Held = { connection, abort: new AbortController() };
    const { client } = connection;
    let token: string | undefined;
    let stopped = false;
    const onEvent = (event: ControlEvent): void => {
      if (event.type === 'stopped') stopped = true;
      const isShown = held === current && !current.leaving && connection.kind === 'connected';
      if (event.type === 'state' && isShown) showRunning(client, event.state, token);
    };
    // Followed from the start, so that a stop in the meantime is not taken for a crash.
    const ended = client.events(onEvent, AbortSignal.any([signal, current.abort.signal]));
    let silence: string | undefined;
    try {
      token = await client.clientToken();
      const state = connection.kind === 'connected' ? await parts.introduce(client, await client.state()) : undefined;
      held = current;
      log.info(
        `${connector.own()?.port === client.port ? 'This window runs' : 'This window is attached to'} CCR ${client.version} at ${client.url}.`,
      );
      if (state) showRunning(client, state, token);
      else show({ kind: 'newer', url: client.url, port: client.port, version: client.version, token });
    } catch (error) {
      silence = describe(error);
      current.abort.abort();
    }
    await ended;
    held = undefined;
    if (silence !== undefined && !stopped) return { kind: 'crashed', message: `it did not answer: ${silence}` };
    if (stopped || current.leaving === 'stop') return { kind: 'stopped' };
    return current.leaving === 'move' ? { kind: 'moved' } : departureOf(connection);
  }

  function showRunning({ url, port }: ControlClient, state: GatewayState, token: string | undefined): void {
    show({ kind: 'running', isOwner: connector.own()?.port === port, state, url, token });
  }

  /** Whether the gateway that just went away was ours and crashed. */
  async function departureOf(connection: Connected): Promise<Departure> {
    const own = connection.kind === 'connected' ? connection.own : undefined;
    if (!own) return { kind: 'gone' };
    const notice = Promise.withResolvers<undefined>();
    const cancel = clock.after(crashNoticeMs, () => notice.resolve(undefined));
    const end: ThreadEnd | undefined = await Promise.race([own.thread.ended, notice.promise]);
    cancel();
    return end?.kind === 'crashed' ? end : { kind: 'gone' };
  }

  /** Resolves with whether to go on. */
  async function pauseAfter(departure: Exclude<Departure, { kind: 'stopped' }>, signal: AbortSignal): Promise<boolean> {
    if (departure.kind === 'moved') return true;
    show({ kind: 'starting' });
    if (departure.kind === 'gone') {
      log.info('The gateway is gone; looking for its successor.');
      await sleep(clock, takeoverPause.leastMs + parts.random() * takeoverPause.spreadMs, signal);
      return true;
    }
    const delayMs = parts.restarts.next();
    if (delayMs === undefined) {
      const message = `The gateway crashed five times within a minute (${departure.message}). It is not started again by itself.`;
      show({ kind: 'failed', problem: { kind: 'crashed', message } });
      return false;
    }
    log.error(`The gateway crashed: ${departure.message}. It is started again in ${delayMs / 1000} s.`);
    await sleep(clock, delayMs, signal);
    return true;
  }

  async function stop(): Promise<void> {
    const current = held;
    if (current?.connection.kind === 'newer') throw newerError(current.connection);
    if (!current || !session) return abandon();
    const { done } = session;
    const own = connector.own();
    current.leaving = 'stop';
    try {
      await current.connection.client.stop(drainMs);
    } catch (error) {
      // One of our own that does not answer any more is ended by force.
      if (connector.own()) return abandon();
      current.leaving = undefined;
      throw error;
    }
    await done;
    // Then the port is free.
    await own?.thread.ended;
  }

  /** Ends what is not connected: a start under way, or the wait before one. */
  async function abandon(): Promise<void> {
    session?.abort.abort();
    await session?.done;
    await connector.close(0);
    show({ kind: 'stopped' });
  }

  async function restart(): Promise<LinkStatus> {
    const current = held;
    if (current?.connection.kind === 'newer') throw newerError(current.connection);
    if (!current) {
      await abandon();
      return start();
    }
    current.leaving = 'move';
    show({ kind: 'starting' });
    try {
      await current.connection.client.drain(drainMs);
    } catch (error) {
      if (connector.own()) await connector.close(0);
      else current.abort.abort();
      log.error(`The gateway did not take the request to make room: ${describe(error)}`);
    }
    return settled();
  }

  async function follow(mustRestart: boolean): Promise<void> {
    if (status.kind === 'failed') return void (await start());
    if (!held) return session ? void (await restart()) : undefined;
    const { port } = parts.place();
    const isThere = port === held.connection.client.port || (port === 0 && connector.own() !== undefined);
    if (connector.own()) return mustRestart || !isThere ? void (await restart()) : undefined;
    if (isThere) return undefined;
    held.leaving = 'move';
    show({ kind: 'starting' });
    held.abort.abort();
    await settled();
  }

  return {
    status: () => status,
    onStatus,
    client: () => (held?.connection.kind === 'connected' ? held.connection.client : undefined),
    start,
    async look() {
      if (session) return;
      const place = parts.place();
      if (place.port !== 0 && (await parts.attach(place)).kind === 'ccr') await start();
    },
    stop,
    restart,
    follow,
    setLogLevel: (level) => connector.own()?.thread.setLogLevel(level),
    async close(drainMs) {
      listeners.clear();
      session?.abort.abort();
      await connector.close(drainMs);
    },
  };
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function newerError({ client }: { client: ControlClient }): Error {
  return new Error(
    `The gateway on port ${client.port} is CCR ${client.version}, newer than this window's. Update the extension and reload the window to steer it.`,
  );
}
