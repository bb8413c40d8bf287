import { providerQuirks } from '../../../src/providers/findProvider.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tagPairs } from '../../../src/reasoning/tags.ts';
import { check, type Answer, type MatrixClient } from './answer.ts';
import { framesOf } from './cases.ts';
import { clients, createPath, type ProviderConfig } from './paths.ts';
import { waysFor } from './sampling.ts';

const folder = new URL('../../fixtures/providers/', import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.sse'));

/** The provider and model that a config would name for a fixture, by the prefix of the fixture's name. */
const providers: Record<string, [name: string, url: string, model: string, protocol?: 'responses' | 'anthropic']> = {
  anthropic: ['anthropic', 'https://api.anthropic.com', 'claude-sonnet-5', 'anthropic'],
  'anthropic-compatible': ['some', 'http://provider.test', 'some-model', 'anthropic'],
  cut: ['some', 'http://provider.test/v1', 'some-model'],
  deepseek: ['deepseek', 'https://api.deepseek.com', 'deepseek-v4'],
  empty: ['some', 'http://provider.test/v1', 'some-model'],
  gemini: ['gemini', 'https://generativelanguage.googleapis.com/v1beta/openai', 'gemini-3-pro'],
  glm: ['zai', 'https://api.z.ai/api/paas/v4', 'glm-5'],
  'glm-stray': ['lmstudio', 'http://127.0.0.1:1234/v1', 'glm-5'],
  groq: ['groq', 'https://api.groq.com/openai/v1', 'some-model'],
  kimi: ['moonshot', 'https://api.moonshot.ai/v1', 'kimi-k2.5'],
  llamacpp: ['llama.cpp', 'http://127.0.0.1:8080/v1', 'some-model'],
  lmstudio: ['lmstudio', 'http://127.0.0.1:1234/v1', 'some-model'],
  minimax: ['minimax', 'https://api.minimax.io/v1', 'MiniMax-M3'],
  mistral: ['mistral', 'https://api.mistral.ai/v1', 'mistral-medium-3.5'],
  ollama: ['ollama', 'http://127.0.0.1:11434/v1', 'some-model'],
  openai: ['openai', 'https://api.openai.com/v1', 'gpt-5'],
  openrouter: ['openrouter', 'https://openrouter.ai/api/v1', 'some/model'],
  qwen: ['qwen', 'https://dashscope.aliyuncs.com/compatible-mode/v1', 'qwen3'],
  responses: ['some', 'http://provider.test/v1', 'some-model', 'responses'],
  'responses-xai': ['xai', 'https://api.x.ai/v1', 'grok-4.6', 'responses'],
  vllm: ['vllm', 'http://127.0.0.1:8000/v1', 'some-model'],
  xai: ['xai', 'https://api.x.ai/v1', 'grok-5'],
};

/** Fixtures that every client must see as an error. */
const failing = /error|insufficient-resource|cut-in|empty-answer/;

function providerOf(fixture: string): { provider: ProviderConfig; model: string } {
  const prefix = Object.keys(providers)
    .filter((each) => fixture.startsWith(`${each}-`))
    .toSorted((a, b) => b.length - a.length)[0];
  const [name, url, model, protocol = 'openai'] = providers[prefix ?? ''] ?? [];
  if (!name || !url || !model) {
    // A provider with a quirk of its own needs no line above.
    const [own = ''] = fixture.split('-');
    const hosts = providerQuirks.find((quirk) => quirk.name === own)?.hosts;
    if (!hosts) throw new Error(`No provider is listed for the fixture ${fixture}`);
    const ownUrl = `https://${hosts[0]}/v1`;
    return { provider: { name: own, api_base_url: ownUrl, protocol: 'openai' }, model: 'some-model' };
  }
  return { provider: { name, api_base_url: url, protocol }, model };
}

const forms = [
  { form: 'streamed', stream: true },
  { form: 'whole', stream: false },
] as const;

async function answerOf(fixture: string, client: MatrixClient, stream: boolean): Promise<Answer> {
  const { provider, model } = providerOf(fixture);
  const pieces = framesOf(readFileSync(new URL(fixture, folder), 'utf8'));
  const received = await createPath(provider, model).ask(client, client.ask({}, stream), { form: 'sse', pieces });
  const failed = received.status !== 200;
  if (failed) return { text: '', reasoning: '', refusal: '', calls: [], error: client.readError(received.text) };
  return stream ? client.readStream(received.text) : client.readWhole(received.text);
}

const isSame = ({ text, refusal, reasoning, calls, finish, usage }: Answer): object => ({
  // Some wires don't distinguish a refusal from text.
  said: text + refusal,
  reasoning,
  calls: calls.map(({ name, kind, input }) => ({ name, kind, input: JSON.parse(input) as unknown })),
  finish,
  usage,
});

describe.each(fixtures.map((fixture, row) => ({ fixture, row })))('$fixture', ({ fixture, row }) => {
  const fails = failing.test(fixture);

  const runs = clients.flatMap((client, column) =>
    waysFor(forms, row, column).map(({ form, stream }) => ({ client, stream, name: `${client.dialect}, ${form}` })),
  );
  it.each(runs)('follows the rules of $name', async ({ client, stream }) => {
    const answer = await answerOf(fixture, client, stream);
    expect(answer.error !== undefined).toBe(fails);
    // Two fixtures have a tag inside their text on purpose.
    for (const { open, close } of tagPairs)
      for (const tag of [open, close]) check(!answer.text.startsWith(tag), 'no tag begins the answer', answer);
    if (answer.reasoning) check(!answer.text.includes(answer.reasoning), 'no reasoning is in the answer', answer);
  });

  if (fails) return;
  it('gives all clients the same answer, streamed and whole', async () => {
    const answers = [];
    for (const client of clients)
      for (const { stream } of forms) answers.push(isSame(await answerOf(fixture, client, stream)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});
