import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parseObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { perform } from './perform.ts';
import type { Profile, Replay, SentTurn } from './profile.ts';
import { profileOf } from './profiles.ts';
import { checkWellFormed } from './limits.ts';
import type { ProviderName, Styles } from './profiles.ts';
import { Refusal } from './refusal.ts';
import type { Outcome, Script } from './turn.ts';

export { providerNames } from './profiles.ts';
export type { ProviderName } from './profiles.ts';

export type StandInOptions = Styles & {
  provider: ProviderName;
  script: Script;
  /** 0 or absent: a free port. */
  port?: number;
  /** The only key that is accepted. Absent: the key is not checked. */
  apiKey?: string;
  /** The outcome of every request with one of these keys. */
  badKeys?: Readonly<Record<string, Outcome>>;
  /** Records refusals but answers anyway. For recording what a client does, never for tests. */
  lenient?: boolean;
  /** The models that exist. Absent: any. */
  models?: readonly string[];
  /** Sizes in code points of the pieces that texts are cut into, cycling. Default 3, 1, 2, which cuts every tag. */
  pieceSizes?: readonly number[];
  /** Writes bytes in parts of this size, which cuts frames and characters. Default: one write per frame. */
  writeBytes?: number;
  /** Awaited before each frame: a test holds the stream here instead of sleeping. */
  beforeFrame?: (frame: { index: number; content: boolean }) => Promise<void> | void;
  onRequest?: (request: RecordedRequest) => void;
};

export type RecordedRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: JsonObject;
  /** Set for an accepted request: how the reasoning of earlier turns came back. */
  replays: Replay[];
  /** The status of the response; 0 before there is one. */
  status: number;
  /** The text of a refusal. */
  refusal?: string;
  /** How it ended. `client-gone`: the client closed the connection early. */
  ended: Promise<'complete' | 'cut' | 'client-gone'>;
};

export type StandIn = {
  /** `http://127.0.0.1:<port>/v1`, to be used as a base URL. */
  url: string;
  port: number;
  requests: RecordedRequest[];
  /** Resolves with the request of this index (from 0) when it has arrived and was checked. */
  request: (index: number) => Promise<RecordedRequest>;
  /** Replaces the script for later requests. */
  play: (script: Script) => void;
  close: () => Promise<void>;
};

export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const profile = profileOf(options.provider, options);
  const sent: SentTurn[] = [];
  const requests: RecordedRequest[] = [];
  const waiting: { index: number; resolve: (request: RecordedRequest) => void }[] = [];
  let script = options.script;
  let serial = 0;
  const nextSerial = (): number => (serial += 1);

  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing).catch((error: unknown) =>
      outgoing.destroy(error instanceof Error ? error : undefined),
    );
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '').split('?')[0] ?? '';
    if (incoming.method === 'GET' && path.endsWith('/models') && options.models)
      return void outgoing.writeHead(200, { 'content-type': 'application/json' }).end(modelList(options.models));
    const body = parseObject(await readText(incoming));
    const ending = watchEnd(outgoing);
    const record: RecordedRequest = {
      method: incoming.method ?? '',
      path,
      headers: incoming.headers,
      body: body ?? {},
      replays: [],
      status: 0,
      ended: ending.ended,
    };
    const outcome = options.badKeys?.[keyOf(record, profile) ?? ''] ?? judge(record, body);
    requests.push(record);
    options.onRequest?.(record);
    for (const each of waiting.filter((each) => each.index < requests.length)) each.resolve(record);
    await perform({ outcome, record, outgoing, profile, options, sent, nextSerial, cut: ending.cut });
  }

  function judge(record: RecordedRequest, body: JsonObject | undefined): Outcome {
    try {
      if (record.method !== 'POST' || !record.path.endsWith(profile.path))
        throw new Refusal(`Not found: ${record.method} ${record.path}`, 404);
      if (options.apiKey !== undefined && keyOf(record, profile) !== options.apiKey) {
        throw new Refusal('Authentication Fails, Your api key is invalid', 401, 'authentication_error');
      }
      if (body === undefined) throw new Refusal('Failed to parse the request body as JSON');
      checkWellFormed(body);
      profile.check(body, sent);
      record.replays = profile.replays(body, sent);
      if (options.models !== undefined && !options.models.includes(String(body['model'])))
        throw new Refusal('Model Not Exist');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      record.refusal = error.message;
      if (options.lenient === true && error.status === 400 && body !== undefined) return script(profile.read(body));
      return {
        kind: 'refuse',
        status: error.status,
        message: error.message,
        ...(error.code === undefined ? {} : { code: error.code }),
      };
    }
    return script(profile.read(body));
  }

  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    request: (index) =>
      new Promise((resolve) => {
        const there = requests[index];
        if (there !== undefined) resolve(there);
        else waiting.push({ index, resolve });
      }),
    play: (next) => {
      script = next;
    },
    close: () => closeServer(server),
  };
}

function modelList(models: readonly string[]): string {
  return JSON.stringify({ object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
}

function keyOf({ headers }: RecordedRequest, { keyHeader }: Profile): string | undefined {
  return keyHeader === undefined ? headers.authorization?.replace(/^Bearer /, '') : headers[keyHeader]?.toString();
}

function watchEnd(outgoing: ServerResponse): { ended: RecordedRequest['ended']; cut: () => void } {
  let wasCut = false;
  const ended = new Promise<'complete' | 'cut' | 'client-gone'>((resolve) => {
    outgoing.on('close', () => resolve(wasCut ? 'cut' : outgoing.writableFinished ? 'complete' : 'client-gone'));
  });
  const cut = (): void => {
    wasCut = true;
    outgoing.socket?.destroy();
  };
  return { ended, cut };
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function listen(server: Server, port: number): Promise<number> {
  server.on('connection', (socket: Socket) => socket.setNoDelay(true));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
}
