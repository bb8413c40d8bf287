import type { DialectId } from '../../../src/canonical/request.ts';
import type { Upstream } from '../../../src/gateway/upstream.ts';
import { createFastClock, openTableGateway, readsHello, type TableGateway } from './cell.ts';
import { answer } from './faults.ts';
import type { Peer, PeerServer } from './peer.ts';
import { wires, type Wire } from './wires.ts';

/** One step: what the first target does from now on, and the targets that a request then asks, in order. */
type Step = {
  says: string;
  /** What the first target answers; the second one always answers, unless `down`. */
  one: (peer: Peer, wire: Wire, stream: boolean) => void;
  down?: boolean;
  /** Before the request. Milliseconds of the gateway's clock. */
  waitMs?: number;
  /** The conversation that the request belongs to. By default each request is a new one. */
  session?: string;
  /** The request is refused without asking anybody. */
  refused?: true;
  /** Requests that are sent while the first target holds its answer to this one back. */
  meanwhile?: string[];
  asked: string;
};

/** `config`: what the config has besides its two targets. */
export type Sequence = {
  name: string;
  comesTo: string;
  steps: Step[];
  config?: { Router?: object; Presets?: object; Budgets?: object[] };
};

const broken = (peer: Peer): void => {
  peer.head(500, { 'content-type': 'application/json' });
  peer.write('{"error":{"message":"The engine broke."}}');
  peer.end();
};

/** Of 100 requests, `left` are left for the next `seconds`. */
const scarce = (left: number, seconds: number) => (peer: Peer, wire: Wire, stream: boolean): void => {
  const quota = { 'x-ratelimit-limit-requests': '100', 'x-ratelimit-remaining-requests': String(left), 'x-ratelimit-reset-requests': `${seconds}s` };
  answer({ ...peer, head: (status, headers) => peer.head(status, { ...headers, ...quota }) }, wire, stream);
}; // prettier-ignore

const limited = (peer: Peer): void => {
  peer.head(429, { 'content-type': 'application/json', 'retry-after': '20' });
  peer.write('{"error":{"message":"Slow down."}}');
  peer.end();
};

/** Five failures in a row: two requests with a retry each, and the first attempt of a third. */
const opening: Step[] = [
  { says: 'fails', one: broken, asked: 'one one two' },
  { says: 'fails', one: broken, asked: 'one one two' },
  { says: 'fails a fifth time', one: broken, asked: 'one two' },
  { says: 'is skipped', one: broken, asked: 'two' },
];

const waitMs = 31_000;

export const sequences: readonly Sequence[] = [
  {
    name: 'five failures in a row, and a probe that is answered',
    comesTo: 'the target is asked first again',
    steps: [...opening, { says: 'answers', one: answer, waitMs, asked: 'one' }, { says: 'answers', one: answer, asked: 'one' }],
  },
  {
    name: 'five failures in a row, and a probe that fails',
    comesTo: 'the next probe comes after twice the time',
    steps: [
      ...opening,
      { says: 'fails', one: broken, waitMs, asked: 'one two' },
      { says: 'is skipped', one: broken, waitMs, asked: 'two' },
      { says: 'answers', one: answer, waitMs, asked: 'one' },
    ],
  },
  {
    name: 'five failures in a row, and requests during the probe',
    comesTo: 'one request probes, the others go to the next target',
    steps: [
      ...opening,
      { says: 'answers late', one: answer, waitMs, meanwhile: ['two', 'two', 'two'], asked: 'one' },
      { says: 'answers', one: answer, asked: 'one' },
    ],
  },
  {
    name: 'five failures in a row while the next target fails too',
    comesTo: 'both are tried anyway',
    steps: [
      { says: 'fails', one: broken, down: true, asked: 'one one two two' },
      { says: 'fails', one: broken, down: true, asked: 'one one two two' },
      { says: 'fails', one: broken, down: true, asked: 'one two two' },
      { says: 'fails', one: broken, down: true, asked: 'one two two' },
      { says: 'answers', one: answer, down: true, asked: 'one' },
    ],
  },
  {
    name: 'an answer that leaves 3 % of a limit',
    comesTo: 'the next target is asked first until the limit resets',
    steps: [
      { says: 'answers', one: scarce(3, 30), asked: 'one' },
      { says: 'is spared', one: scarce(3, 30), asked: 'two' },
      { says: 'answers', one: scarce(90, 30), waitMs, asked: 'one' },
      { says: 'answers', one: answer, asked: 'one' },
    ],
  },
  {
    name: 'a 429 with Retry-After',
    comesTo: 'the next target is asked first until then',
    steps: [
      { says: 'refuses', one: limited, asked: 'one two' },
      { says: 'is skipped', one: limited, asked: 'two' },
      { says: 'answers', one: answer, waitMs, asked: 'one' },
    ],
  },
  {
    name: 'a failure in a conversation, with tiers by latency',
    comesTo: 'the conversation stays where its prompt is cached, new ones do not',
    config: { Router: { tiers: ['one,m', 'two,m'] } },
    steps: [
      { says: 'fails', one: broken, session: 'a', asked: 'one one two' },
      { says: 'answers again', one: answer, session: 'a', asked: 'two' },
      { says: 'answers another conversation', one: answer, session: 'b', asked: 'one' },
      { says: 'would answer the first', one: answer, session: 'a', asked: 'two' },
    ],
  },
  {
    name: 'a budget that is used to its `softAt`',
    comesTo: "requests go to the budget's preset",
    config: { Presets: { cheap: { route: 'two,m' } }, Budgets: [{ per: 'day', tokens: 1, hard: false, preset: 'cheap' }] },
    steps: [
      { says: 'answers', one: answer, asked: 'one' },
      { says: 'is spared', one: answer, asked: 'two' },
      { says: 'answers if the preset fails', one: answer, down: true, asked: 'two two one' },
    ],
  },
  {
    name: 'a budget that is used up',
    comesTo: 'requests are refused until a part of it is free again',
    config: { Budgets: [{ per: '1m', tokens: 1 }] },
    steps: [
      { says: 'answers', one: answer, asked: 'one' },
      { says: 'is not asked', one: answer, refused: true, asked: '' },
      { says: 'answers', one: answer, waitMs: 125_000, asked: 'one' },
    ],
  },
]; // prettier-ignore

/** Real time, this many times faster, so that a circuit's wait is short. */
const speed = 100;

let runs = 0;

/** Plays a sequence, and returns what is wrong with its outcome. */
export async function runSequence({ name, steps, config }: Sequence, client: DialectId, stream: boolean, server: PeerServer, upstream: Upstream): Promise<string[]> {
  const path = `sequence${++runs}`;
  const wire = wires[client];
  const asked: string[] = [];
  const gateway = openGateway(path, client, config, server, upstream);
  const wrong: string[] = [];
  const check = (step: Step, says: string, expected: string, text: string): void => {
    const isAnswered = !step.refused && !(step.down && expected.endsWith('two'));
    const order = asked.splice(0).join(' ');
    if (order !== expected) wrong.push(`${says}: asked ${order}, not ${expected}`);
    if (readsHello(text) !== isAnswered) wrong.push(`${says}: ${text.slice(-200)}`);
  };
  for (const [place, step] of steps.entries()) {
    const says = `step ${place + 1}, one ${step.says}`;
    const held = Promise.withResolvers<void>();
    if (!step.meanwhile) held.resolve();
    server.serve(`${path}-one`, (peer) => { asked.push('one'); void held.promise.then(() => step.one(peer, wire, stream)); });
    server.serve(`${path}-two`, (peer) => { asked.push('two'); if (step.down) broken(peer); else answer(peer, wire, stream); });
    await new Promise((done) => setTimeout(done, (step.waitMs ?? 0) / speed));
    const request = gateway.ask(client, stream, { session: step.session });
    while (step.meanwhile && asked.length === 0) await new Promise((done) => setTimeout(done, 5));
    if (step.meanwhile) asked.length = 0;
    for (const expected of step.meanwhile ?? []) check(step, `${says}, meanwhile`, expected, (await gateway.ask(client, stream)).text);
    if (step.meanwhile) asked.push('one');
    held.resolve();
    check(step, says, step.asked, (await request).text);
  }
  for (const target of ['one', 'two']) if (!(await server.isClosed(`${path}-${target}`, 2500))) wrong.push(`a connection to ${target} stays open`);
  return wrong.map((each) => `${name} [${client}, ${stream ? 'streamed' : 'whole'}]: ${each}`);
} // prettier-ignore

function openGateway(path: string, client: DialectId, more: Sequence['config'], server: PeerServer, upstream: Upstream): TableGateway {
  const { protocol } = wires[client];
  const provider = (name: string) => ({ name, protocol, api_base_url: `${server.url}/${path}-${name}/v1`, api_key: 'k', models: ['m'] });
  const limits = { max_retries: 1, base_backoff_ms: 1 };
  return openTableGateway(
    {
      Providers: [provider('one'), provider('two')],
      ...more,
      Router: { default: 'one,m', think: 'two,m', tierRetries: { one: limits, two: limits }, ...more?.Router },
      API_TIMEOUT_MS: 600_000,
    },
    upstream,
    createFastClock(speed),
  );
} // prettier-ignore
