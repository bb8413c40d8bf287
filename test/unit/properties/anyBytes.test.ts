// Any bytes as a provider's reply end in an answer or in an error that the client understands, within the limits of time.
// Vitest fails the run on an unhandled rejection.
import { readFileSync, readdirSync } from 'node:fs';
import * as zlib from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../../src/gateway/record.ts';
import { decodeBody } from '../../../src/gateway/decodeBody.ts';
import type { UpstreamCall, UpstreamReply } from '../../../src/gateway/upstream.ts';
import { createGatewayBench, type Received } from '../../support/gatewayBench.ts';
import { check, readEvents, TheirFault, type Answer, type MatrixClient, type Question } from '../matrix/answer.ts';
import { cases, readFixture, type MatrixCase, type Protocol } from '../matrix/cases.ts';
import { runsOf } from '../matrix/sampling.ts';
import { pathName, paths, providerFor, type Path } from '../matrix/paths.ts';
import { mutated } from './mutations.ts';

const limits = { API_TIMEOUT_MS: 20_000, first: 4000, idle: 3000 };
const retries = {
  base_backoff_ms: 10,
  stream_first_event_timeout_ms: limits.first,
  stream_idle_timeout_ms: limits.idle,
};

/** How a body ends after its last piece. */
type Ending = 'closed' | 'broken' | 'open';

/** What a provider sends: pieces with the milliseconds before each. */
type Sent = {
  status: number;
  headers: Record<string, string>;
  pieces: readonly { bytes: Uint8Array; afterMs: number }[];
  ending: Ending;
};

type Outcome = { received: Received; record: RequestRecord };

/** Sends `sent` as the answer to every attempt and waits for the end, by the clock of the test alone. */
async function play(path: Path, stream: boolean, sent: Sent, question: Question = {}): Promise<Outcome> {
  const provider = { ...providerFor(path), api_key: 'some-key', models: ['provider-model'] };
  const config = {
    API_TIMEOUT_MS: limits.API_TIMEOUT_MS,
    Providers: [provider],
    Router: {
      default: 'some,provider-model',
      tierRetries: { 'tier-0': { ...retries, max_retries: 'content-encoding' in sent.headers ? 0 : 1 } },
    },
  };
  const bench = createGatewayBench(config, (call) => Promise.resolve(replyTo(call)));
  const startedAt = bench.clock.now();

  function replyTo({ signal }: UpstreamCall): UpstreamReply {
    async function* body(): AsyncGenerator<Uint8Array> {
      for (const { bytes, afterMs } of sent.pieces) {
        if (afterMs > 0) await until(signal, (resolve) => bench.clock.after(afterMs, resolve));
        yield bytes;
      }
      if (sent.ending === 'broken') throw new Error('terminated');
      if (sent.ending === 'open') await until(signal, () => undefined);
    }
    const { status, headers } = sent;
    return { status, headers, body: decodeBody({ headers, body: body() }) };
  }

  const { done, received } = bench.ask({ dialect: path.client.dialect, body: path.client.ask(question, stream) });
  const isOver = (): boolean => bench.records.length > 0;
  // The threads of node:zlib run beside the clock of the test, which need not advance for a body that ends.
  const isCompressed = 'content-encoding' in sent.headers;
  for (let turn = 0; turn < (isCompressed ? 1_000_000 : 400) && !isOver(); turn++) {
    await new Promise(setImmediate);
    if (!isOver() && !isCompressed) await bench.clock.next();
  }
  check(isOver(), 'the answer ends');
  await done;
  check(received.ended, 'the response is ended');
  const elapsed = bench.clock.now() - startedAt;
  const most = bench.calls.length * (limits.API_TIMEOUT_MS + 1000);
  check(elapsed <= most, 'the limits of time are kept', { elapsed, most });
  const [record] = bench.records;
  check(record !== undefined, 'the request is recorded');
  return { received, record };
}

/** Waits as the body of an HTTP client does: an abort rejects. */
function until(signal: AbortSignal, start: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    start(resolve);
  });
}

/** What the client reads: an answer, perhaps with an error at its end, or an error alone. Throws if it understands neither. */
function readBy(client: MatrixClient, stream: boolean, { received, record }: Outcome): Answer | undefined {
  check(record.error?.kind !== 'internal', 'no defect of the gateway', record.error?.stack);
  if (received.status !== 200) {
    check(client.readError(received.text) !== '' && record.error !== undefined, 'an error is recorded', received);
    return undefined;
  }
  const answer = stream ? client.readStream(received.text) : client.readWhole(received.text);
  check((answer.error === undefined) === (record.error === undefined), 'the record has the error', [answer, record]);
  return answer;
}

/** What a relay passes on is the provider's, but it consists of events with JSON, the last of which ends the stream. */
function readEnd(stream: boolean, { received, record }: Outcome): void {
  check(record.error?.kind !== 'internal', 'no defect of the gateway', record.error?.stack);
  if (received.status !== 200 || !stream) return void JSON.parse(received.text);
  // The name of an event is the provider's too: it may be damaged.
  const events = readEvents(received.text.replaceAll(/^event: .*\n/gm, ''));
  for (const { data } of events) check(data === '[DONE]' || isJson(data), 'each event is JSON', data);
  const last = events.at(-1)?.data ?? '';
  const name = received.text.match(/^event: .*$/gm)?.at(-1) ?? '';
  // An event that lost its type is read by its name.
  const isEnd = /^\[DONE\]$|"error"|"type":"(?:message_stop|response\.(?:completed|incomplete|failed))"/.test(last);
  const isNamedEnd = /^event: (?:message_stop|response\.(?:completed|incomplete|failed))$/.test(name);
  check(isEnd || (isNamedEnd && !last.includes('"type":"response.')), 'the last event ends the stream', [name, last]);
}

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

const header = (type: string | undefined): Record<string, string> =>
  type === undefined ? {} : { 'content-type': type };

const envelope = fc.record({
  status: fc.constantFrom(200, 200, 200, 200, 400, 429, 500),
  headers: fc
    .constantFrom('text/event-stream', 'application/json', 'text/html', 'Text/Event-Stream', undefined)
    .map(header),
  ending: fc.constantFrom<Ending>('closed', 'closed', 'broken', 'open'),
});

/** Cuts bytes at arbitrary places, with an arbitrary wait before each piece. */
function piecesOf(bytes: Uint8Array, sizes: readonly number[], waits: readonly number[]): Sent['pieces'] {
  const pieces: { bytes: Uint8Array; afterMs: number }[] = [];
  for (let start = 0, count = 0; start < bytes.length; count++) {
    const size = Math.max(sizes[count % sizes.length] ?? 1, Math.ceil(bytes.length / 60));
    pieces.push({ bytes: bytes.subarray(start, start + size), afterMs: waits[count % waits.length] ?? 0 });
    start += size;
  }
  return pieces;
}

const chunking = {
  sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
  waits: fc.array(fc.constantFrom(0, 0, 0, 0, 700, 2900), { minLength: 1, maxLength: 5 }),
};

function sent(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Sent> {
  return fc
    .tuple(envelope, bytes, chunking.sizes, chunking.waits)
    .map(([given, all, sizes, waits]) => ({ ...given, pieces: piecesOf(all, sizes, waits) }));
}

const scraps = fc.constantFrom(
  'data: ',
  'data:',
  'event: error\n',
  'event: message_stop\n',
  ': ping',
  '\n',
  '\r\n\r\n',
  '\n\n',
  '\uFEFF',
  '[DONE]',
  '{}',
  '{',
  '}',
  '[',
  'null',
  '""',
  '<html>',
  '{"error":',
  '{"error":null}',
  '{"choices":[]}',
  '[[]]',
  '{"type":"message_stop"}',
  '{"type":"response.completed"}',
  '{"error":{"message":""}}',
  '{"choices":[{"delta":',
);

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(fc.oneof(scraps, fc.string({ maxLength: 5 })), { maxLength: 25 })
    .map((parts) => Buffer.from(parts.join(''))),
  fc.jsonValue().map((json) => Buffer.from(JSON.stringify(json))),
);

const providersFolder = new URL('../../fixtures/providers/', import.meta.url);
const recorded = readdirSync(providersFolder).map((name) => ({
  protocol: name.startsWith('anthropic')
    ? 'anthropic-messages'
    : name.startsWith('responses')
      ? 'openai-responses'
      : 'openai-chat',
  text: readFileSync(new URL(name, providersFolder), 'utf8'),
}));

/** Recorded replies in `protocol`, as streams and whole. */
function fixtures(protocol: Protocol): { streams: string[]; replies: unknown[] } {
  return {
    streams: [
      ...cases.map(({ name }) => readFixture(name, protocol, 'sse')),
      ...recorded.filter((each) => each.protocol === protocol && !each.text.startsWith('{')).map(({ text }) => text),
    ],
    replies: cases.map(({ name }) => JSON.parse(readFixture(name, protocol, 'json')) as unknown),
  };
}

/** Recorded replies with their JSON edited, and with bytes changed, left out and repeated. */
function damaged(protocol: Protocol): fc.Arbitrary<Uint8Array> {
  const { streams, replies } = fixtures(protocol);
  const edited = fc.constantFrom(...streams).chain((text) => {
    const frames = text.split(/\r?\n\r?\n/).map((frame) => frame.split(/(?<=^|\n)data: ?/));
    return mutated([frames.map(([, data = '']) => parsed(data))]).map((list) =>
      (Array.isArray(list) ? list : [list])
        .map(
          (json: unknown, index) =>
            `${frames[index]?.[0] ?? ''}data: ${typeof json === 'string' ? json : JSON.stringify(json)}\n\n`,
        )
        .join(''),
    );
  });
  const whole = mutated(replies).map((json) => JSON.stringify(json) ?? '');
  const spliced = fc
    .tuple(fc.constantFrom(...streams, ...replies.map((json) => JSON.stringify(json))), fc.nat(), fc.nat(90), anyBytes)
    .map(([text, at, length, put]) => {
      const bytes = Buffer.from(text);
      const start = at % bytes.length;
      return Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + length)]);
    });
  return fc.oneof(
    edited.map((text) => Buffer.from(text)),
    whole.map((text) => Buffer.from(text)),
    spliced,
  );
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}

/** Broken arguments and unknown blocks reach the client as they are. */
function understands(read: () => unknown): void {
  try {
    read();
  } catch (thrown) {
    if (!(thrown instanceof TheirFault)) throw thrown;
  }
}

/** Another one, and more runs, for a longer search. */
const seed = Number(process.env['PROPERTY_SEED'] ?? 9);

const times = Number(process.env['PROPERTY_TIMES'] ?? 1);
/** Half of the requests declare tools. */
const questions = fc.constantFrom<Question>({}, { tools: ['shell', 'weather', 'time'] });
/** Whose cuts are judged by what the whole answer is. */
const judged = ['text', 'reasoning', 'one-tool', 'parallel-tools', 'length'];

describe.each(paths.map((path) => ({ path, name: pathName(path) })))('$name', ({ path }) => {
  const { client, protocol, relayed } = path;
  const text = readFixture('text', protocol, 'sse');
  const wholeText = cases.find(({ name }) => name === 'text')?.text;

  it('any bytes end in an answer or an error', async () => {
    await fc.assert(
      fc.asyncProperty(sent(anyBytes), fc.boolean(), questions, async (reply, stream, question) => {
        const outcome = await play(path, stream, reply, question);
        if (relayed) readEnd(stream, outcome);
        else readBy(client, stream, outcome);
      }),
      { seed, numRuns: runsOf(60) * times },
    );
  });

  it('a damaged reply ends in an answer or an error', async () => {
    await fc.assert(
      fc.asyncProperty(sent(damaged(protocol)), fc.boolean(), questions, async (reply, stream, question) => {
        const outcome = await play(path, stream, reply, question);
        if (relayed) readEnd(stream, outcome);
        else understands(() => readBy(client, stream, outcome));
      }),
      { seed, numRuns: runsOf(80) * times },
    );
  });

  /** An answer without an error has all of its text. */
  function expectWhole(answer: Answer | undefined): void {
    if (answer && answer.error === undefined) expect(answer.text).toBe(wholeText);
    else if (answer) expect(wholeText?.startsWith(answer.text)).toBe(true);
  }

  it.each(cases.filter(({ name }) => judged.includes(name)))(
    'a reply that is cut anywhere is complete only if the provider had finished: $name',
    async (given) => {
      const { name, question } = given;
      const bytes = Buffer.from(readFixture(name, protocol, 'sse'));
      const cut = fc.tuple(fc.nat(bytes.length), envelope, chunking.sizes, chunking.waits);
      await fc.assert(
        fc.asyncProperty(cut, fc.boolean(), async ([length, { headers, ending }, sizes, waits], stream) => {
          const kept = bytes.subarray(0, length);
          const pieces = piecesOf(kept, sizes, waits);
          const outcome = await play(path, stream, { status: 200, headers, ending, pieces }, question);
          if (relayed) readEnd(stream, outcome);
          const answer = readCut(client, stream, outcome);
          expectPart(client, given, answer);
          if (!hasFinished(kept.toString())) expect(answer === undefined || answer.error !== undefined).toBe(true);
        }),
        { seed, numRuns: runsOf(30) * times },
      );
    },
  );

  it('a compressed reply that is cut or damaged is never a truncated answer', async () => {
    const encodings = {
      gzip: zlib.gzipSync(text),
      deflate: zlib.deflateSync(text),
      br: zlib.brotliCompressSync(text),
      zstd: zlib.zstdCompressSync(text),
    };
    const names = fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[]));
    const damage = fc.record({ length: fc.nat(), flip: fc.option(fc.nat()), size: fc.integer({ min: 20, max: 400 }) });
    await fc.assert(
      fc.asyncProperty(names, damage, fc.boolean(), async (encoding, { length, flip, size }, stream) => {
        const all = encodings[encoding];
        const bytes = Buffer.from(flip === null ? all.subarray(0, length % (all.length + 1)) : all);
        if (flip !== null)
          bytes.writeUInt8(bytes.readUInt8(flip % bytes.length) ^ (1 << (flip % 8)), flip % bytes.length);
        const headers = { 'content-type': 'text/event-stream', 'content-encoding': encoding };
        const reply: Sent = { status: 200, headers, ending: 'closed', pieces: piecesOf(bytes, [size], [0]) };
        const outcome = await play(path, stream, reply);
        if (flip === null) expectWhole(readBy(client, stream, outcome));
        else if (relayed) readEnd(stream, outcome);
        else understands(() => readBy(client, stream, outcome));
      }),
      { seed, numRuns: runsOf(15) * times },
    );
  });
});

/** The answer to a reply that was cut off. The input of a call in it may be cut off too where an error follows. */
function readCut(client: MatrixClient, stream: boolean, outcome: Outcome): Answer | undefined {
  try {
    return readBy(client, stream, outcome);
  } catch (thrown) {
    if (!(thrown instanceof TheirFault) || outcome.record.error === undefined) throw thrown;
    return undefined;
  }
}

/** An answer without an error is all of `given`, and one with an error the beginning of it. */
function expectPart(client: MatrixClient, given: MatrixCase, answer: Answer | undefined): void {
  if (answer === undefined) return;
  if (answer.error !== undefined) {
    expect(given.text.startsWith(answer.text)).toBe(true);
    expect(given.reasoning.startsWith(answer.reasoning)).toBe(true);
    return;
  }
  const calls = answer.calls.map(({ id: _, ...call }) => call);
  const { text, reasoning } = answer;
  expect({ text, reasoning, calls }).toEqual({
    text: given.text,
    reasoning: given.reasoning,
    calls: given.calls.map((call) => client.asDeclared(call)),
  });
}

/** Whether a finish has come, in a line that is whole. */
function hasFinished(kept: string): boolean {
  return kept
    .split('\n')
    .some(
      (line) =>
        /^data: .*(?:"finish_reason":"|"stop_reason":"|"type":"response\.(?:completed|incomplete))/.test(line) &&
        typeof parsed(line.slice(6)) === 'object',
    );
}
