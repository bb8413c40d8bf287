import type { DialectId } from '../../src/canonical/request.ts';
import { everyNth, waysFor } from '../unit/matrix/sampling.ts';
import { dialectIds } from './callWires.ts';
import { createGatewayBench, replyWith, type Answering, type Asked } from './gatewayBench.ts';
import { protocolNames, providerProfiles, relaysFrames, type ProviderProfile } from './providerProfiles.ts';
import { writeWireAnswer, type WireAnswer } from './wireAnswers.ts';

/** A provider's surface of one wire, as a user would configure it. */
export type Surface = {
  /** Its provider and wire, for the name of a test. */
  name: string;
  wire: DialectId;
  provider: { name: string; api_base_url: string; protocol: 'openai' | 'responses' | 'anthropic'; api_key: string; models: string[] }; // prettier-ignore
  model: string;
};

function surfaceOf({ name, wire, baseUrl, model }: ProviderProfile): Surface {
  const provider = { name, api_base_url: baseUrl, protocol: protocolNames[wire], api_key: 'sk-test', models: [model] };
  return { name: `${name}, ${wire}`, wire, provider, model };
}

/** Every surface of a real provider. */
export const realSurfaces: readonly Surface[] = providerProfiles.map(surfaceOf);

export type Ask = { surface: Surface; client: DialectId; stream: boolean; body?: object; config?: object };

/** More timers than this are no retries any more. */
const mostTimers = 200;

/**
 * Asks a surface through a whole gateway, in which the provider answers with `answer`. Advances the clock until the client
 * has its answer, so `answer` must not send compressed bodies.
 */
export async function askSurface({ surface, client, stream, body, config }: Ask, answer: Answering) {
  const { provider, model } = surface;
  const bench = createGatewayBench(
    { Providers: [provider], Router: { default: `${provider.name},${model}`, tierRetries: { 'tier-0': { max_retries: 1 } } }, ...config },
    answer,
  ); // prettier-ignore
  const asked: Asked = { dialect: client, body: { ...questionFor(client, stream), ...body } };
  const { done, received } = bench.ask(asked);
  const state = { ended: false };
  void done.finally(() => (state.ended = true));
  for (let timers = 0; !state.ended && timers < mostTimers; timers++) await bench.clock.next();
  if (!state.ended) throw new Error(`No answer after ${mostTimers} timers; so far: ${received.text}`);
  const record = bench.records.at(-1);
  return { ...received, bench, record, attempts: bench.calls.length, warnings: record?.warnings.join('\n') ?? '' };
}

/** A request of each dialect for a plain answer. */
export function questionFor(client: DialectId, stream: boolean): object {
  const model = 'auto';
  if (client === 'openai-responses') return { model, stream, input: 'Hello' };
  const messages = [{ role: 'user', content: 'Hello' }];
  return { model, stream, messages, ...(client === 'anthropic-messages' && { max_tokens: 100 }) };
}

export type Way = { client: DialectId; stream: boolean };

/** Any three successive ones are of all clients. */
const ways: readonly Way[] = [true, false].flatMap((first) =>
  dialectIds.map((client, index) => ({ client, stream: first === (index % 2 === 0) })),
);

/** The place of each surface among those of its wire. */
const places = new Map(
  dialectIds.flatMap((wire) =>
    realSurfaces.filter((surface) => surface.wire === wire).map((surface, place) => [surface, place] as const),
  ),
);
const sampledStep = 3;
const turnOf = (surface: Surface, row: number): number => (places.get(surface) ?? 0) + row;

/**
 * Whether the form with the number `row` is asked at a surface: at every third of each wire, so that it meets each wire from each
 * client, and at all of them in a full run.
 */
export function isSampled(surface: Surface, row: number): boolean {
  return everyNth([surface], sampledStep, turnOf(surface, row)).length > 0;
}

/** How the form with the number `row` is asked at a surface: in one way, and in each of them in a full run. */
export function waysAt(surface: Surface, row: number): readonly Way[] {
  return waysFor(ways, Math.floor(turnOf(surface, row) / sampledStep), 0);
}

/** What was found, what it has to be, and what explains the difference. */
type Finding = readonly [found: unknown, expected: unknown, shown?: string];

/**
 * What differs when a form is asked at a surface: in a full run for every client, streamed and whole, else in one of these
 * ways. `row` is the form's number, so that neighbours are asked in different ways.
 */
export async function faultsOf(
  surface: Surface,
  row: number,
  ask: (way: Way) => Promise<Finding[]>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const way of waysAt(surface, row)) {
    const name = `${way.client}, ${way.stream ? 'streamed' : 'whole'}`;
    const findings = await ask(way).catch((thrown: unknown) => [[String(thrown), 'an answer']] as Finding[]);
    for (const [found, expected, shown = ''] of findings)
      if (found !== expected) faults.push(`${name}: ${String(found)} instead of ${String(expected)} ${shown}`);
  }
  return faults;
}

/** A provider that gives this answer, streamed if it is asked for a stream. */
export function answerWith(wire: DialectId, answer: WireAnswer): Answering {
  return ({ body }) => {
    const { stream } = JSON.parse(body) as { stream?: boolean };
    return Promise.resolve(replyWith(200, writeWireAnswer(wire, stream === true, answer)));
  };
}

/** OpenAI and Anthropic write their own protocols, so that their frames are passed on as they are. */
export function isMaker({ wire, provider: { name, api_base_url: baseUrl }, model }: Surface): boolean {
  return relaysFrames({ name, wire, baseUrl, model });
}
