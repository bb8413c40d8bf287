import type { DialectId } from '../../src/canonical/request.ts';
import { providerPresets } from '../../src/providers/presets.ts';
import { waysFor } from '../unit/matrix/sampling.ts';
import { createGatewayBench, replyWith, type Answering, type Asked } from './gatewayBench.ts';
import { writeWireAnswer, type WireAnswer } from './wireAnswers.ts';

/** A provider's surface of one wire, as a user would configure it. */
export type Surface = {
  /** Its provider and wire, for the name of a test. */
  name: string;
  wire: DialectId;
  provider: { name: string; api_base_url: string; protocol: 'openai' | 'responses' | 'anthropic'; api_key: string; models: string[] }; // prettier-ignore
  model: string;
};

const protocols = {
  'openai-chat': 'openai',
  'openai-responses': 'responses',
  'anthropic-messages': 'anthropic',
} as const;

/** Other base URLs than the preset's, per wire: docs/reference/providers.md. */
const otherUrls: Partial<Record<DialectId, Record<string, string>>> = {
  'openai-responses': { zai: 'https://api.z.ai/api/v1' },
  'anthropic-messages': {
    deepseek: 'https://api.deepseek.com/anthropic',
    zai: 'https://api.z.ai/api/anthropic',
    minimax: 'https://api.minimax.io/anthropic',
    kimi: 'https://api.moonshot.ai/anthropic',
    qwen: 'https://dashscope-intl.aliyuncs.com/apps/anthropic',
  },
};

/** Models of users' own servers, for which the presets have none. */
const localModels: Record<string, string> = {
  ollama: 'qwen3.5',
  lmstudio: 'openai/gpt-oss-20b',
  vllm: 'glm-5.2',
  llamacpp: 'llama3.1',
};

/** A host that CCR has no profile of. */
const together = { name: 'together', baseUrl: 'https://api.together.xyz/v1', models: ['moonshotai/Kimi-K2.6'] };

const providersOf: Record<DialectId, readonly string[]> = {
  'openai-chat': [
    ...providerPresets.map(({ name }) => name).filter((name) => name !== 'anthropic' && name !== 'vscode-lm'),
    'together',
  ],
  'openai-responses': ['openai', 'xai', 'deepseek', 'openrouter', 'groq', 'minimax', 'kimi', 'zai', 'ollama', 'lmstudio', 'vllm'], // prettier-ignore
  'anthropic-messages': ['anthropic', 'deepseek', 'zai', 'minimax', 'kimi', 'qwen', 'openrouter', 'ollama', 'lmstudio'],
};

function surfaceOf(name: string, wire: DialectId): Surface {
  const preset = [...providerPresets, together].find((each) => each.name === name);
  if (!preset) throw new Error(`There is no preset ${name}.`);
  const model = preset.models[0] ?? localModels[name] ?? 'm';
  const api_base_url = otherUrls[wire]?.[name] ?? preset.baseUrl;
  const provider = { name, api_base_url, protocol: protocols[wire], api_key: 'sk-test', models: [model] };
  return { name: `${name}, ${wire}`, wire, provider, model };
}

/** Every surface of a real provider, by wire. */
export const realSurfaces: readonly Surface[] = dialects().flatMap((wire) =>
  providersOf[wire].map((name) => surfaceOf(name, wire)),
);

function dialects(): DialectId[] {
  return Object.keys(providersOf) as DialectId[];
}

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

const ways: readonly Way[] = dialects().flatMap((client) => [true, false].map((stream) => ({ client, stream })));

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
  for (const way of waysFor(ways, row, realSurfaces.indexOf(surface))) {
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
export function isMaker({ provider: { api_base_url: url } }: Surface): boolean {
  return /api\.(openai|anthropic)\.com/.test(url);
}
