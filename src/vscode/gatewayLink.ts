import { t } from './l10n.ts';
import { messageOf } from '../canonical/errors.ts';
import type { ControlClient } from '../control/client.ts';
import type { RequestView } from '../control/protocol.ts';
import type { LogLevel } from '../observe/log.ts';
import { createConnector, type Connector, type ConnectorParts } from './gatewayConnector.ts';
import { openSession, type GatewaySession, type HeldGateway, type SessionParts } from './gatewaySession.ts';
import type { LinkStatus } from './linkStatus.ts';
import { createStatusBoard, type StatusBoard } from './statusBoard.ts';

export type LinkParts = ConnectorParts & SessionParts;

/**
 * This window's connection to the machine's gateway. It attaches to the running one, or starts one on a thread of its own,
 * and steers both through the control API alone. When the gateway disappears without having been stopped, the windows
 * attached to it look for a successor, and the first one becomes it.
 */
export type GatewayLink = {
  status(): LinkStatus;
  onStatus(listener: (status: LinkStatus) => void): () => void;
  /** Each request when it ends. */
  onRequest(listener: (request: RequestView) => void): () => void;
  /** The gateway's control API, while the window is connected to a gateway that it can steer. */
  client(): ControlClient | undefined;
  /** Resolves when the gateway runs, or can't. */
  start(): Promise<LinkStatus>;
  /** Attaches to a running gateway. Never starts one. */
  attachIfRunning(): Promise<void>;
  /** Stops the gateway for all windows. Rejects when the gateway does not accept that. */
  stop(): Promise<void>;
  /** Ends the gateway, and starts one in this window. */
  restart(): Promise<LinkStatus>;
  /**
   * Connects to the host and port that the settings name now. `mustRestart`: a setting changed that our own gateway read
   * when it started.
   */
  applySettings(mustRestart: boolean): Promise<void>;
  setLogLevel(level: LogLevel): void;
  /** Disconnects. Our own thread ends after `drainMs` at the latest. */
  close(drainMs: number): Promise<void>;
};

/** How long running requests may take to finish when the user stops or restarts the gateway. Milliseconds. */
const drainMs = 2_000;

type LinkContext = { parts: LinkParts; connector: Connector; board: StatusBoard; sessions: Sessions };

export function createGatewayLink(parts: LinkParts): GatewayLink {
  const connector = createConnector(parts);
  const board = createStatusBoard();
  const sessions = createSessions(() => openSession({ parts, connector, board }));
  const context: LinkContext = { parts, connector, board, sessions };
  return {
    status: board.status,
    onStatus: board.onStatus,
    onRequest: board.onRequest,
    client() {
      const connection = sessions.held()?.connection;
      return connection?.kind === 'connected' ? connection.client : undefined;
    },
    start: () => start(context),
    attachIfRunning: () => attachIfRunning(context),
    stop: () => stop(context),
    restart: () => restart(context),
    applySettings: (mustRestart) => applySettings(context, mustRestart),
    setLogLevel: (level) => connector.own()?.thread.setLogLevel(level),
    async close(drainMs) {
      board.removeListeners();
      sessions.current()?.abort();
      await connector.close(drainMs);
    },
  };
}

/** At most one session at a time. */
type Sessions = {
  current(): GatewaySession | undefined;
  held(): HeldGateway | undefined;
  open(): void;
};

function createSessions(openNext: () => GatewaySession): Sessions {
  let current: GatewaySession | undefined;
  return {
    current: () => current,
    held: () => current?.held(),
    open() {
      const opened = openNext();
      current = opened;
      void opened.done.finally(() => {
        if (current === opened) current = undefined;
      });
    },
  };
}

function start({ parts, board, sessions }: LinkContext): Promise<LinkStatus> {
  if (!sessions.current()) {
    parts.restarts.reset();
    board.show({ kind: 'starting' });
    sessions.open();
  }
  return board.settled();
}

async function attachIfRunning(context: LinkContext): Promise<void> {
  const { parts, sessions } = context;
  if (sessions.current()) return;
  const place = await parts.place();
  if (place.port !== 0 && (await parts.attach(place)).kind === 'ccr') await start(context);
}

async function stop(context: LinkContext): Promise<void> {
  const { connector, sessions } = context;
  const session = sessions.current();
  const held = session?.held();
  if (held?.connection.kind === 'newer') throw newerError(held.connection.client);
  if (!session || !held) return abandon(context);
  const own = connector.own();
  held.leaving = 'stop';
  try {
    await held.connection.client.stop(drainMs);
  } catch (error) {
    // Our own gateway no longer answers: end its thread.
    if (connector.own()) return abandon(context);
    held.leaving = undefined;
    throw error;
  }
  await session.done;
  // The port is free once the thread has ended.
  await own?.thread.ended;
}

/** Ends a start in progress, or the wait before one, and our own thread. */
async function abandon({ connector, board, sessions }: LinkContext): Promise<void> {
  const session = sessions.current();
  session?.abort();
  await session?.done;
  await connector.close(0);
  board.show({ kind: 'stopped' });
}

async function restart(context: LinkContext): Promise<LinkStatus> {
  const { parts, connector, board, sessions } = context;
  const held = sessions.held();
  if (held?.connection.kind === 'newer') throw newerError(held.connection.client);
  if (!held) {
    await abandon(context);
    return start(context);
  }
  held.leaving = 'move';
  board.show({ kind: 'starting' });
  try {
    await held.connection.client.drain(drainMs);
  } catch (error) {
    if (connector.own()) await connector.close(0);
    else held.disconnect.abort();
    parts.log.error(`The gateway did not accept the request to shut down: ${messageOf(error)}`);
  }
  return board.settled();
}

async function applySettings(context: LinkContext, mustRestart: boolean): Promise<void> {
  const { parts, connector, board, sessions } = context;
  if (board.status().kind === 'failed') return void (await start(context));
  const held = sessions.held();
  if (!held) return sessions.current() ? void (await restart(context)) : undefined;
  const { port } = await parts.place();
  const isThere = port === held.connection.client.port || (port === 0 && connector.own() !== undefined);
  if (connector.own()) return mustRestart || !isThere ? void (await restart(context)) : undefined;
  if (isThere) return undefined;
  held.leaving = 'move';
  board.show({ kind: 'starting' });
  held.disconnect.abort();
  await board.settled();
}

function newerError({ port, version }: ControlClient): Error {
  return new Error(
    t(
      "The gateway on port {0} is CCR {1}, newer than this window's. Update the extension and reload the window to steer it.",
      String(port),
      version,
    ),
  );
}
