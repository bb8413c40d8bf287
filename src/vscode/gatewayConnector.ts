import { isCompatible, type ControlClient, type Occupant } from '../control/client.ts';
import { controlProtocol } from '../control/protocol.ts';
import { sleep, type Clock } from '../gateway/clock.ts';
import type { Log } from '../observe/log.ts';
import type { GatewayThread } from './gatewayWorker.ts';
import type { LinkProblem, PortHolder } from './linkStatus.ts';

/** Where a window expects its gateway. Port 0: on any free one, so that no other window can find it. */
export type Place = { host: string; port: number };

export type ConnectorParts = {
  /** Asked anew for each try, since the config may have changed. */
  place(): Place;
  attach(place: Place): Promise<Occupant>;
  startThread(port: number): Promise<GatewayThread>;
  /** Who has a port, as far as that can be found out. */
  portHolder(port: number): PortHolder | undefined;
  clock: Clock;
  log: Log;
};

/** A thread of this window whose gateway listens, or did until just now. */
export type OwnThread = { thread: GatewayThread; port: number };

export type Connection =
  | { kind: 'connected'; client: ControlClient; own: OwnThread | undefined }
  /** It speaks a newer protocol than we do. */
  | { kind: 'newer'; client: ControlClient }
  | { kind: 'failed'; problem: LinkProblem };

type Busy = { kind: 'busy'; why: 'stranger' | 'taken' | 'older'; port: number; suggestedPort?: number | undefined };
type Attempt = Connection | Busy;

/**
 * Pauses between tries, in ms: together more than the 5 s that VS Code gives the host of a closing window, which may still
 * hold the port when the next window's host is already there.
 */
const pausesMs = [0, 250, 500, 1_000, 1_500, 2_500];
/** A gateway that has just begun to listen looks like a stranger until its run file is there. */
const strangerLimit = 3;
/** What an older gateway's running requests have. Milliseconds. */
const drainMs = 2_000;

export type Connector = {
  /** Finds the machine's gateway on our port, or starts one there. Rejects with the signal's reason when it aborts. */
  connect(signal: AbortSignal): Promise<Connection>;
  /** The thread that this window runs, if it does. */
  own(): OwnThread | undefined;
  /** Ends our thread, and one that is being started. */
  close(drainMs: number): Promise<void>;
};

export function createConnector(parts: ConnectorParts): Connector {
  const { clock, log } = parts;
  const threads = new Set<GatewayThread>();
  let own: OwnThread | undefined;
  /** With port 0, where our gateway was before it crashed: terminals know it there. */
  let lastPort = 0;

  async function connect(signal: AbortSignal): Promise<Connection> {
    let strangers = 0;
    let last: Busy | undefined;
    for (const pauseMs of pausesMs) {
      await sleep(clock, pauseMs, signal);
      const attempt: Attempt = await tryOnce();
      signal.throwIfAborted();
      if (attempt.kind !== 'busy') return attempt;
      last = attempt;
      if (attempt.why === 'stranger' && ++strangers >= strangerLimit) break;
    }
    // Only an attempt to listen finds a free port to suggest; and whoever was there may have left.
    const place = parts.place();
    const final: Attempt =
      last?.suggestedPort === undefined ? await startOwn({ ...place, port: last?.port ?? place.port }) : last;
    signal.throwIfAborted();
    if (final.kind !== 'busy') return final;
    const { port, suggestedPort } = final;
    return { kind: 'failed', problem: { kind: 'port-in-use', port, holder: parts.portHolder(port), suggestedPort } };
  }

  async function tryOnce(): Promise<Attempt> {
    const place = parts.place();
    const port = place.port === 0 ? (own?.port ?? lastPort) : place.port;
    const occupant: Occupant = port === 0 ? { kind: 'nobody' } : await parts.attach({ ...place, port });
    switch (occupant.kind) {
      case 'ccr':
        return adopt(occupant.client);
      case 'stranger':
        return { kind: 'busy', why: 'stranger', port };
      case 'nobody':
        return startOwn({ ...place, port });
      default:
        return occupant satisfies never;
    }
  }

  async function adopt(client: ControlClient): Promise<Attempt> {
    if (isCompatible(client)) return { kind: 'connected', client, own: own?.port === client.port ? own : undefined };
    if (client.protocol > controlProtocol) return { kind: 'newer', client };
    log.info(`An older CCR (${client.version}) has port ${client.port}; asking it to make room.`);
    await client.drain(drainMs).catch((error: Error) => log.warn(`It did not take that: ${error.message}`));
    return { kind: 'busy', why: 'older', port: client.port };
  }

  async function startOwn(place: Place): Promise<Attempt> {
    const thread = await parts.startThread(place.port);
    threads.add(thread);
    void thread.ended.then(() => {
      threads.delete(thread);
      if (own?.thread === thread) own = undefined;
    });
    const outcome = await thread.started;
    if (outcome.type === 'ready') {
      own = { thread, port: outcome.port };
      lastPort = outcome.port;
      const occupant = await parts.attach({ ...place, port: outcome.port });
      return occupant.kind === 'ccr' ? adopt(occupant.client) : { kind: 'busy', why: 'taken', port: outcome.port };
    }
    if (outcome.kind !== 'port-in-use')
      return { kind: 'failed', problem: { kind: outcome.kind, message: outcome.message } };
    const { port, suggestedPort } = outcome;
    return { kind: 'busy', why: 'taken', port, suggestedPort };
  }

  return {
    connect,
    own: () => own,
    close: async (drainMs) => void (await Promise.all([...threads].map((thread) => thread.stop(drainMs)))),
  };
}
