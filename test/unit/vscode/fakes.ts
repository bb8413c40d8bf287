// Fakes of a gateway and its thread, controlled by the test.
import type { AttachOptions, ControlClient, Occupant } from '../../../src/control/client.ts';
import {
  controlProtocol,
  type ControlEvent,
  type GatewayState,
  type RequestView,
} from '../../../src/control/protocol.ts';
import type { Log } from '../../../src/observe/log.ts';
import type { GatewayThread, StartOutcome, ThreadEnd } from '../../../src/vscode/gatewayWorker.ts';

export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {} };

export function stateOf(changes: Partial<GatewayState> = {}): GatewayState {
  return {
    pid: 1,
    port: 3456,
    host: '127.0.0.1',
    url: 'http://127.0.0.1:3456',
    version: '1.0.0',
    protocol: controlProtocol,
    startedAt: 0,
    status: 'healthy',
    reasons: [],
    targets: [],
    budgets: [],
    problems: [],
    configFile: '/home/me/.claude-code-router/config.json',
    source: 'file',
    stale: false,
    tokenRequired: false,
    providers: [],
    routes: [],
    presets: [],
    scopes: {},
    active: { requests: 0, streams: 0 },
    ...changes,
  };
}

export function requestOf(changes: Partial<RequestView> = {}): RequestView {
  return {
    id: 'req_1',
    cursor: 1,
    startedAt: 0,
    durationMs: 1,
    client: 'codex',
    dialect: 'openai-responses',
    attempts: [],
    warnings: [],
    ...changes,
  };
}

/** A gateway as seen through the control API. Records its calls in `asked`. Ends on request, or by `vanish`. */
export type FakeGateway = {
  client: ControlClient;
  asked: string[];
  isUp(): boolean;
  tell(event: ControlEvent): void;
  vanish(): void;
};

export type FakeGatewayOptions = { port?: number; protocol?: number; onEnd?: () => void; isDeaf?: boolean };

export function createFakeGateway({
  port = 3456,
  protocol = controlProtocol,
  onEnd,
  isDeaf = false,
}: FakeGatewayOptions = {}): FakeGateway {
  const asked: string[] = [];
  const followers = new Set<{ onEvent: (event: ControlEvent) => void; end: () => void }>();
  let up = true;
  const tell = (event: ControlEvent): void => followers.forEach(({ onEvent }) => onEvent(event));
  const vanish = (): void => {
    up = false;
    followers.forEach(({ end }) => end());
    onEnd?.();
  };
  const answer = async <T>(what: string, value: T): Promise<T> => {
    if (!up || isDeaf) throw new Error('connect ECONNREFUSED');
    asked.push(what);
    return value;
  };
  const client: ControlClient = {
    pid: 1,
    port,
    url: `http://127.0.0.1:${port}`,
    version: '1.0.0',
    protocol,
    state: () => answer('state', stateOf({ port })),
    requests: () => answer('requests', []),
    request: () => Promise.reject(new Error('A window asks for no single request.')),
    log: () => answer('log', []),
    preview: () => Promise.reject(new Error('A window previews no request.')),
    clientToken: () => answer('token', undefined),
    setScope: (id, choice) => answer(`scope ${id} ${JSON.stringify(choice)}`, stateOf({ port })),
    offerModels: (id, offer) => answer(`models ${id} ${offer?.url ?? 'none'}`, stateOf({ port })),
    putSecrets: (secrets) => answer(`secrets ${Object.keys(secrets).join()}`, stateOf({ port })),
    reload: () => answer('reload', stateOf({ port })),
    check: () => answer('check', []),
    models: () => answer('models', []),
    listModels: () => answer('list', []),
    clearStats: () => answer('clear-stats', undefined),
    refreshCatalog: () => answer('refresh', { outcome: 'unchanged', message: '', models: 0, providers: 0 }),
    async stop() {
      await answer('stop', undefined);
      tell({ type: 'stopped' });
      vanish();
    },
    async drain() {
      await answer('drain', undefined);
      vanish();
    },
    events: (onEvent, signal) =>
      new Promise((resolve) => {
        if (!up || signal.aborted) return resolve();
        followers.add({ onEvent, end: resolve });
        signal.addEventListener('abort', () => resolve());
      }),
  };
  return { client, asked, isUp: () => up, tell, vanish };
}

/** The ports of a machine: which have a gateway, and which another program. */
export type FakeMachine = {
  gateways: Map<number, FakeGateway>;
  strangers: Set<number>;
  attach(place: Pick<AttachOptions, 'port'>): Promise<Occupant>;
  /** Runs a gateway on a port. The port is free when it has ended. */
  run(options?: Omit<FakeGatewayOptions, 'onEnd'>): FakeGateway;
  /** Starts a thread as a window does. Its gateway takes the port if it is free. */
  startThread(port: number): Promise<FakeThread>;
  threads: FakeThread[];
};

export type FakeThread = GatewayThread & { crash(message: string): void; levels: string[] };

export function createFakeMachine(): FakeMachine {
  const gateways = new Map<number, FakeGateway>();
  const strangers = new Set<number>();
  const threads: FakeThread[] = [];

  function run({ port = 3456, ...options }: Omit<FakeGatewayOptions, 'onEnd'> = {}, onEnd?: () => void): FakeGateway {
    const gateway = createFakeGateway({
      ...options,
      port,
      onEnd: () => {
        if (gateways.get(port) === gateway) gateways.delete(port);
        onEnd?.();
      },
    });
    gateways.set(port, gateway);
    return gateway;
  }

  async function startThread(wanted: number): Promise<FakeThread> {
    const port = wanted === 0 ? 40_000 + threads.length : wanted;
    const ended = Promise.withResolvers<ThreadEnd>();
    const isTaken = strangers.has(port) || gateways.has(port);
    const gateway = isTaken ? undefined : run({ port }, () => ended.resolve({ kind: 'closed' }));
    const started: StartOutcome = isTaken
      ? { type: 'failed', kind: 'port-in-use', message: 'taken', port, suggestedPort: port + 1 }
      : { type: 'ready', port, url: `http://127.0.0.1:${port}` };
    const levels: string[] = [];
    const thread: FakeThread = {
      started: Promise.resolve(started),
      ended: ended.promise,
      stop: async () => gateway?.vanish(),
      setLogLevel: (level) => void levels.push(level),
      crash(message) {
        ended.resolve({ kind: 'crashed', message });
        gateway?.vanish();
      },
      levels,
    };
    threads.push(thread);
    return thread;
  }

  return {
    gateways,
    strangers,
    threads,
    run,
    startThread,
    async attach({ port }) {
      const gateway = gateways.get(port);
      if (gateway) return { kind: 'ccr', client: gateway.client };
      return { kind: strangers.has(port) ? 'stranger' : 'nobody' };
    },
  };
}
