import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { transformerNames, unknownTransformers, type ProviderIdentity } from '../../../src/providers/findProvider.ts';
import type { Relayed } from '../../../src/providers/provider.ts';
import { extension } from '../../../src/providers/openrouter.ts';
import { find } from './find.ts';

describe('what is relayed', () => {
  const anthropic = { protocol: 'anthropic' } as const;
  const responses = { protocol: 'responses' } as const;
  test.each<[Relayed, string, Partial<ProviderIdentity>]>([
    ['frames', 'of Messages from its maker', { ...anthropic, baseUrl: 'https://api.anthropic.com' }],
    ['nothing', 'of Messages from anybody else', { ...anthropic, baseUrl: 'https://api.deepseek.com/anthropic' }],
    ['nothing', 'of Messages from another host of its models', { ...anthropic, model: 'claude-sonnet-5' }],
    ['frames', 'of Messages for who asks for it', { ...anthropic, transformers: [{ name: 'identity' }] }],
    ['frames', 'of Responses from its maker', { ...responses, baseUrl: 'https://api.openai.com/v1' }],
    ['json', 'of Responses from anybody else', responses],
    ['json', 'of Responses under the name of its maker', { ...responses, name: 'openai' }],
    ['nothing', 'of Responses whose reasoning is never encrypted', { ...responses, baseUrl: 'https://api.deepseek.com' }], // prettier-ignore
    ['frames', 'of Chat Completions from its maker', { baseUrl: 'https://api.openai.com/v1' }],
    ['nothing', 'of Chat Completions that may have thinking in the text', {}],
    ['nothing', 'of what is searched for thinking', { ...responses, transformers: [{ name: 'thinktag' }] }],
  ])('%s %s', (relayed, _what, identity) => {
    expect(find(identity).quirks.relays).toBe(relayed);
  });
});

describe('a provider is found', () => {
  test.each<[string, Partial<ProviderIdentity>, string[]]>([
    ['by transformer.use', { name: 'deepseek', transformers: [{ name: 'glm' }] }, ['glm']],
    ['by host', { name: 'deepseek', baseUrl: 'https://api.z.ai/api/inference/v1' }, ['glm']],
    ['by the host of a full endpoint', { baseUrl: 'https://API.DeepSeek.com/chat/completions' }, ['deepseek']],
    ['by name', { name: 'zai', model: 'kimi-k2' }, ['glm']],
    ['by a word of its name', { name: 'DeepSeek (office)' }, ['deepseek']],
    ['by a name with punctuation', { name: 'LM_Studio' }, ['lmstudio']],
    ['by port', { baseUrl: 'http://localhost:1234/v1' }, ['lmstudio']],
    ['by the port of Ollama', { baseUrl: 'http://127.0.0.1:11434/v1', model: 'glm-5' }, ['ollama']],
    ['by the name of a server', { name: 'my vLLM', baseUrl: 'http://127.0.0.1:8000/v1' }, ['vllm']],
    ['by a name with a dot', { name: 'llama.cpp', baseUrl: 'http://127.0.0.1:8080/v1' }, ['llamacpp']],
    [
      'by what it is used as',
      { baseUrl: 'http://127.0.0.1:8080/v1', transformers: [{ name: 'llamacpp' }] },
      ['llamacpp'],
    ],
    ['not by a port that many have', { baseUrl: 'http://127.0.0.1:8080/v1' }, []],
    ['by family', { baseUrl: 'http://127.0.0.1:8000/v1', model: 'zai-org/GLM-5-FP8' }, ['glm']],
    [
      'as a host of many models',
      { baseUrl: 'https://openrouter.ai/api/v1', model: 'deepseek/deepseek-chat' },
      ['openrouter'],
    ],
    ['in the guide: zai', { name: 'zai', baseUrl: 'https://api.z.ai/api/inference/v1', model: 'glm-5' }, ['glm']],
    [
      'in the guide: minimax',
      { name: 'minimax', baseUrl: 'https://api.minimax.io/v1', model: 'MiniMax-M2.1' },
      ['minimax'],
    ],
    [
      'twice',
      {
        transformers: [{ name: 'deepseek' }, { name: 'openrouter' }, { name: 'maxtoken', options: { max_tokens: 1 } }],
      },
      ['deepseek', 'openrouter', 'maxtoken'],
    ],
    [
      'with what its name does not change',
      { name: 'kimi', transformers: [{ name: 'reasoning' }] },
      ['kimi', 'reasoning'],
    ],
    ['without what takes part in some requests, or in none', { name: 'kimi', transformers: [{ name: 'tooluse' }, { name: 'anthropic' }] }, ['kimi']], // prettier-ignore
    ['not by a part of a word', { name: 'deepseeker', model: 'my-glmx' }, []],
    ['not as OpenAI for being like it', { name: 'openai-compatible' }, []],
    ['not by a host that only looks like one', { baseUrl: 'https://api.deepseek.com.example/v1' }, []],
    ['not by what is no URL', { baseUrl: 'api.deepseek.com' }, []],
    ['not by a foreign port', { baseUrl: 'https://models.example:1234/v1' }, []],
    ['identity before all', { name: 'deepseek', transformers: [{ name: 'glm' }, { name: 'identity' }] }, ['identity']],
  ])('%s', (_name, identity, names) => {
    expect(find(identity).quirks.names).toEqual(names);
  });
});

describe('features', () => {
  test.each<[Partial<ProviderIdentity>, string]>([
    [{}, 'images'],
    [{ name: 'deepseek' }, ''],
    [{ name: 'glm', model: 'glm-5' }, ''],
    [{ name: 'glm', model: 'glm-4.6v' }, 'images'],
    [{ name: 'minimax', model: 'MiniMax-M2.1' }, ''],
    [{ protocol: 'responses' }, 'customTools images'],
    [
      { protocol: 'responses', baseUrl: 'https://api.openai.com/v1' },
      'customTools namespaces hostedTools images compaction',
    ],
    [{ protocol: 'responses', baseUrl: 'https://api.x.ai/v1' }, 'hostedTools images'],
    [{ protocol: 'anthropic' }, 'images'],
    [{ protocol: 'anthropic', baseUrl: 'https://api.anthropic.com/v1' }, 'hostedTools images'],
  ])('%j has %s', (identity, expected) => {
    const { features } = find(identity);
    expect(
      Object.entries(features)
        .flatMap(([name, has]) => (has === true ? [name] : []))
        .join(' '),
    ).toBe(expected);
  });
});

describe('replay', () => {
  test.each<[Partial<ProviderIdentity>, string]>([
    [{}, 'none'],
    [{ transformers: [{ name: 'reasoning' }] }, 'real'],
    [{ name: 'deepseek' }, 'required'],
    [{ name: 'deepseek', protocol: 'responses' }, 'required'],
    [{ name: 'glm' }, 'real'],
    [{ name: 'kimi' }, 'real'],
    [{ name: 'minimax' }, 'details'],
    [{ model: 'MiniMaxAI/MiniMax-M2' }, 'real'],
    [{ name: 'openrouter', model: 'deepseek/deepseek-chat' }, 'details'],
    [{ name: 'openai' }, 'none'],
    [{ name: 'groq', model: 'deepseek-r1' }, 'none'],
    [{ name: 'dashscope', model: 'deepseek-v4' }, 'required'],
    [{ name: 'dashscope', model: 'qwen3-max' }, 'real'],
    [{ protocol: 'responses' }, 'real'],
    [{ protocol: 'anthropic' }, 'real'],
    [{ transformers: [{ name: 'identity' }], model: 'deepseek-chat' }, 'none'],
  ])('%j: %s', (identity, replay) => {
    expect(find(identity).quirks.replay).toBe(replay);
  });
});

test('thinking is taken out of every chat provider but OpenAI itself and identity', () => {
  expect(find({}).quirks.deltas).toBeDefined();
  expect(find({ name: 'openai' }).quirks.deltas).toBeDefined();
  expect(find({ baseUrl: 'https://api.openai.com/v1' }).quirks.deltas).toBeUndefined();
  expect(
    find({ baseUrl: 'https://api.openai.com/v1', transformers: [{ name: 'thinktag' }] }).quirks.deltas,
  ).toBeDefined();
  expect(find({ transformers: [{ name: 'identity' }] }).quirks.deltas).toBeUndefined();
  expect(find({ protocol: 'responses' }).quirks.deltas).toBeUndefined();
});

test('identity changes no request', () => {
  const { quirks } = find({ name: 'deepseek', transformers: [{ name: 'identity' }] });
  expect([quirks.body, quirks.request, quirks.headers]).toEqual([undefined, undefined, undefined]);
});

test('OpenRouter gets the headers that name the app', () => {
  expect(find({ baseUrl: 'https://openrouter.ai/api/v1' }).quirks.headers).toEqual({
    'HTTP-Referer': 'https://marketplace.visualstudio.com/items?itemName=ccr.ccr-vscode',
    'X-Title': 'ccr-vscode',
    'X-OpenRouter-Title': 'ccr-vscode',
  });
  expect(find({}).quirks.headers).toBeUndefined();
  // The publisher joins the manifest with the extension's other fields.
  expect({ ...extension, ...manifest }).toMatchObject(extension);
});

test('names that mean nothing', () => {
  const fromContract = [
    'anthropic',
    'openai-to-anthropic',
    'deepseek',
    'glm',
    'zai',
    'minimax',
    'kimi',
    'openrouter',
    'gemini',
    'qwen',
    'tooluse',
    'maxtoken',
    'reasoning',
    'thinktag',
    'enhancetool',
    'toolcompress',
    'output_compress',
    'identity',
  ];
  expect(unknownTransformers([...fromContract, 'deepsek', 'toString'])).toEqual(['deepsek', 'toString']);
  expect(new Set(transformerNames).size).toBe(transformerNames.length);
});
