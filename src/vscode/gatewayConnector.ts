import { isCompatible, type ControlClient, type Occupant } from '../control/client.ts';
import { controlProtocol } from '../control/protocol.ts';
import { sleep, type Clock } from '../gateway/clock.ts';
import type { Log } from '../observe/log.ts';
import { translateProblem } from './displayLanguage.ts';
import type { GatewayThread } from './gatewayWorker.ts';
import type { LinkProblem, PortHolder } from './linkStatus.ts';

/** The host and port where a window expects its gateway. Port 0 means any free port, which other windows can't find. */
export type Place = { host: string; port: number };

export type ConnectorParts = {
  /** Called before each try, since the config may have changed. */
  place(): Promise<Place>;
  attach(place: Place): Promise<Occupant>;
  startThread(port: number): Promise<GatewayThread>;
  /** The program that listens on a port, if that can be determined. */
  portHolder(port: number): PortHolder | undefined;
  clock: Clock;
  log: Log;
};

/** The thread of this window's own gateway, and the port that it listens on. */
export type OwnThread = { thread: GatewayThread; port: number };

export type Connection =
  | { kind: 'connected'; client: ControlClient; own: OwnThread | undefined }
  /** A gateway with a newer protocol than ours. */
  | { kind: 'newer'; client: ControlClient }
  | { kind: 'failed'; problem: LinkProblem };

type Busy = { kind: 'busy'; why: 'stranger' | 'taken' | 'older'; port: number; suggestedPort?: number | undefined };
type ConnectResult = Connection | Busy;

/**
 * Pauses before each try, in ms. Together they exceed the 5 s that VS Code gives the extension host of a closing window,
 * which may still hold the port when the next window starts.
 */
const pausesMs = [0, 250, 500, 1_000, 1_500, 2_500];
/** How often a stranger may answer: a gateway that just started looks like one until it has written its run file. */
const strangerLimit = 3;
/** How long an older gateway's running requests may take to finish. Milliseconds. */
const drainMs = 2_000;

export type Connector = {
  /** Attaches to the gateway on our port, or starts one there. Rejects with the signal's reason when it aborts. */
  connect(signal: AbortSignal): Promise<Connection>;
  /** This window's own thread, if it runs one. */
  own(): OwnThread | undefined;
  /** Ends our thread, and any that is still starting. */
  close(drainMs: number): Promise<void>;
};

type ConnectorState = {
  parts: ConnectorParts;
  /** All threads that have not ended yet, those that are still starting included. */
  threads: Set<GatewayThread>;
  own: OwnThread | undefined;
  /** With port 0: the port of our gateway before it crashed, which open terminals still use. */
  lastPort: number;
};

export function createConnector(parts: ConnectorParts): Connector {
  const state: ConnectorState = { parts, threads: new Set(), own: undefined, lastPort: 0 };
  return {
    connect: (signal) => connect(state, signal),
    own: () => state.own,
    close: async (drainMs) => void (await Promise.all([...state.threads].map((thread) => thread.stop(drainMs)))),
  };
}

async function connect(state: ConnectorState, signal: AbortSignal): Promise<Connection> {
  const { parts } = state;
  let strangers = 0;
  let last: Busy | undefined;
  for (const pauseMs of pausesMs) {
    await sleep(parts.clock, pauseMs, signal);
    const result = await tryOnce(state);
    signal.throwIfAborted();
    if (result.kind !== 'busy') return result;
    last = result;
    if (result.why === 'stranger' && ++strangers >= strangerLimit) break;
  }
  // Trying to listen finds a free port to suggest, or succeeds when the other program has ended.
  const place = await parts.place();
  const final: ConnectResult =
    last?.suggestedPort === undefined ? await startOwn(state, { ...place, port: last?.port ?? place.port }) : last;
  signal.throwIfAborted();
  if (final.kind !== 'busy') return final;
  const { port, suggestedPort } = final;
  return { kind: 'failed', problem: { kind: 'port-in-use', port, holder: parts.portHolder(port), suggestedPort } };
}

async function tryOnce(state: ConnectorState): Promise<ConnectResult> {
  const { parts, own, lastPort } = state;
  const place = await parts.place();
  const port = place.port === 0 ? (own?.port ?? lastPort) : place.port;
  const occupant: Occupant = port === 0 ? { kind: 'nobody' } : await parts.attach({ ...place, port });
  switch (occupant.kind) {
    case 'ccr':
      return adopt(state, occupant.client);
    case 'stranger':
      return { kind: 'busy', why: 'stranger', port };
    case 'nobody':
      return startOwn(state, { ...place, port });
    default:
      return occupant satisfies never;
  }
}

/** Connects to a gateway that answers. An older one is asked to shut down instead. */
async function adopt({ parts: { log }, own }: ConnectorState, client: ControlClient): Promise<ConnectResult> {
  if (isCompatible(client)) return { kind: 'connected', client, own: own?.port === client.port ? own : undefined };
  if (client.protocol > controlProtocol) return { kind: 'newer', client };
  log.info(`An older CCR (${client.version}) uses port ${client.port}; asking it to shut down.`);
  await client.drain(drainMs).catch((error: Error) => log.warn(`The older CCR did not accept that: ${error.message}`));
  return { kind: 'busy', why: 'older', port: client.port };
}

async function startOwn(state: ConnectorState, place: Place): Promise<ConnectResult> {
  const thread = await state.parts.startThread(place.port);
  state.threads.add(thread);
  void thread.ended.then(() => {
    state.threads.delete(thread);
    if (state.own?.thread === thread) state.own = undefined;
  });
  const outcome = await thread.started;
  if (outcome.type === 'ready') {
    const { port } = outcome;
    state.own = { thread, port };
    state.lastPort = port;
    const occupant = await state.parts.attach({ ...place, port });
    return occupant.kind === 'ccr' ? adopt(state, occupant.client) : { kind: 'busy', why: 'taken', port };
  }
  if (outcome.kind !== 'port-in-use')
    return { kind: 'failed', problem: { kind: outcome.kind, message: translateProblem(outcome).message } };
  const { port, suggestedPort } = outcome;
  return { kind: 'busy', why: 'taken', port, suggestedPort };
}
