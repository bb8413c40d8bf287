import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import { flattenTools } from '../../../src/canonical/flattenTools.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { openaiChat } from '../../../src/dialects/openaiChat/index.ts';
import { openaiResponses } from '../../../src/dialects/openaiResponses/index.ts';
import type { ProviderIdentity } from '../../../src/providers/findProvider.ts';
import { deepseek } from '../../upstream/providers/deepseek.ts';
import { gemini } from '../../upstream/providers/gemini.ts';
import { glm } from '../../upstream/providers/glm.ts';
import { kimi } from '../../upstream/providers/kimi.ts';
import { llamacpp } from '../../upstream/providers/llamacpp.ts';
import { lmstudio } from '../../upstream/providers/lmstudio.ts';
import { minimax } from '../../upstream/providers/minimax.ts';
import { mistral } from '../../upstream/providers/mistral.ts';
import { ollama } from '../../upstream/providers/ollama.ts';
import { vllm } from '../../upstream/providers/vllm.ts';
import { edit, find } from './find.ts';
import { hardBody } from './hardBody.ts';
import { testSealer } from '../../support/testSealer.ts';

const makers = [
  ['DeepSeek', { name: 'deepseek', model: 'deepseek-reasoner' }, deepseek],
  ['GLM', { name: 'zai', model: 'glm-5' }, glm('native')],
  ['MiniMax', { name: 'minimax', model: 'MiniMax-M2.1' }, minimax()],
  ['Kimi', { name: 'kimi', model: 'kimi-k2.6' }, kimi('native')],
  ['Gemini 2.0', { name: 'gemini', model: 'gemini-2.0-flash' }, gemini()],
  ['Gemini 2.5', { name: 'gemini', model: 'gemini-2.5-flash' }, gemini()],
  ['Gemini 2.5 Pro', { name: 'gemini', model: 'gemini-2.5-pro' }, gemini()],
  ['Gemini 3 Pro', { name: 'gemini', model: 'gemini-3-pro' }, gemini()],
  ['Gemini 3.5', { name: 'gemini', model: 'gemini-3.5-flash' }, gemini()],
  ['Mistral', { name: 'mistral', model: 'mistral-medium-3.5' }, mistral],
  ['Mistral Large', { name: 'mistral', model: 'mistral-large-latest' }, mistral],
  ['Ollama', { name: 'ollama', model: 'gpt-oss:20b' }, ollama],
  ['Ollama without thinking', { name: 'ollama', model: 'llama3.1' }, ollama],
  ['LM Studio', { name: 'lmstudio', model: 'qwen3.5' }, lmstudio],
  ['vLLM', { name: 'vllm', model: 'qwen3.5' }, vllm()],
  ['llama.cpp', { name: 'llama.cpp', model: 'qwen3.5' }, llamacpp()],
] as const satisfies [string, Partial<ProviderIdentity>, unknown][];

describe.each(makers)('%s takes', (_name, identity, standIn) => {
  const hard: JsonObject = { ...hardBody, model: identity.model };
  const body = identity.name === 'kimi' ? withoutImage(hard) : hard;

  test('what it refuses without its quirks', () => {
    expect(() => standIn.check(body, [])).toThrow();
    expect(() => standIn.check(edit(identity, body), [])).not.toThrow();
  });

  test.each(['none', 'required', 'auto', { type: 'function', function: { name: 'shell' } }])(
    'the tool choice %j',
    (choice) => {
      expect(() => standIn.check(edit(identity, { ...body, tool_choice: choice }), [])).not.toThrow();
    },
  );

  test.each(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])('the effort %s', (effort) => {
    expect(() =>
      standIn.check(edit(identity, { ...body, reasoning_effort: effort, tool_choice: 'auto' }), []),
    ).not.toThrow();
  });

  test.each([
    ['any object', { type: 'json_object' }],
    ['a schema', { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } }],
    ['text', { type: 'text' }],
  ])('the format %s, with tools and without', (_what, format) => {
    const { tools: _tools, tool_choice: _choice, parallel_tool_calls: _parallel, ...toolless } = body;
    for (const each of [body, toolless])
      expect(() => standIn.check(edit(identity, { ...each, response_format: format }), [])).not.toThrow();
  });

  test.each([
    'codex-0.169-catalog-freeform',
    'codex-0.169-unknown-model',
    'codex-0.169-catalog-lite',
    'codex-0.169-resumed',
    'codex-0.169-image',
  ])('what Codex says in %s', (fixture) => {
    for (const request of requestsIn(fixture)) {
      const canonical = flattenTools(openaiResponses.readRequest(request, testSealer), find(identity).features);
      const tools = canonical.tools.filter(({ kind }) => kind !== 'hosted');
      const written = openaiChat.writeRequest(
        createRequest({ ...canonical, tools, toolChoice: { type: 'auto' } }),
        identity.model,
      );
      const edited = edit(identity, written);
      expect(() => standIn.check(edited, [])).not.toThrow();
    }
  });
});

function requestsIn(fixture: string): JsonObject[] {
  const text = readFileSync(new URL(`../../fixtures/codex/${fixture}.json`, import.meta.url), 'utf8');
  const { requests } = JSON.parse(text) as { requests: { body?: JsonObject; path: string }[] };
  return requests.flatMap(({ body, path }) => (body && path.endsWith('/responses') ? [body] : []));
}

function withoutImage(body: JsonObject): JsonObject {
  const messages = (body['messages'] as JsonObject[]).map((message) =>
    Array.isArray(message['content']) ? { ...message, content: 'look' } : message,
  );
  return { ...body, messages };
}
