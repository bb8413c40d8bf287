import { describe, expect, it } from 'vitest';
import { chunk, readChunks, withoutStart } from './replay.ts';

describe('usage', () => {
  const base = { inputTokens: 100, outputTokens: 20 };
  it.each<[string, object, object]>([
    ['plain', { prompt_tokens: 100, completion_tokens: 20 }, base],
    [
      'cached_tokens in details',
      { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 64 } },
      { ...base, cacheReadTokens: 64 },
    ],
    [
      'prompt_token_details',
      { prompt_tokens: 100, completion_tokens: 20, prompt_token_details: { cached_tokens: 64 } },
      { ...base, cacheReadTokens: 64 },
    ],
    [
      'prompt_cache_hit_tokens',
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        prompt_cache_hit_tokens: 64,
        prompt_tokens_details: { cached_tokens: 0 },
      },
      { ...base, cacheReadTokens: 64 },
    ],
    [
      'cached_tokens',
      { prompt_tokens: 100, completion_tokens: 20, cached_tokens: 64 },
      { ...base, cacheReadTokens: 64 },
    ],
    [
      'num_cached_tokens',
      { prompt_tokens: 100, completion_tokens: 20, num_cached_tokens: 64 },
      { ...base, cacheReadTokens: 64 },
    ],
    [
      'cache_creation_input_tokens',
      { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cache_creation_input_tokens: 8 } },
      { ...base, cacheWriteTokens: 8 },
    ],
    [
      'cache_write_tokens',
      { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cache_write_tokens: 8 } },
      { ...base, cacheWriteTokens: 8 },
    ],
    [
      'reasoning_tokens',
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        completion_tokens_details: { reasoning_tokens: 7 },
      },
      { ...base, reasoningTokens: 7 },
    ],
    // xAI, measured: 291 + 26 + 196 = 513.
    [
      'reasoning outside the completion',
      {
        prompt_tokens: 291,
        completion_tokens: 26,
        total_tokens: 513,
        completion_tokens_details: { reasoning_tokens: 196 },
      },
      { inputTokens: 291, outputTokens: 222, reasoningTokens: 196 },
    ],
    // Gemini: 16 + 9 of 627 (gemini-thoughts-text.sse).
    [
      'reasoning only in the total',
      { prompt_tokens: 16, completion_tokens: 9, total_tokens: 627 },
      { inputTokens: 16, outputTokens: 611 },
    ],
    [
      'cached tokens only in the total',
      { prompt_tokens: 10, completion_tokens: 20, total_tokens: 120, cache_read_input_tokens: 90 },
      { inputTokens: 100, outputTokens: 20, cacheReadTokens: 90 },
    ],
    [
      'cached outside the prompt',
      { prompt_tokens: 10, completion_tokens: 20, cache_read_input_tokens: 90 },
      { inputTokens: 100, outputTokens: 20, cacheReadTokens: 90 },
    ],
    ['only a total', { prompt_tokens: 100, total_tokens: 120 }, base],
  ])('reads %s', (_, usage, expected) => {
    const places = [
      { choices: [], usage },
      { choices: [{ index: 0, delta: {}, finish_reason: null, usage }] },
      { choices: [], x_groq: { usage } },
    ];
    for (const place of places) expect(withoutStart(readChunks(place))).toEqual([{ type: 'usage', usage: expected }]);
  });

  it.each([
    [null],
    [{}],
    [{ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    ['n/a'],
    [{ prompt_tokens: null }],
    [[]],
  ])('ignores %j', (usage) => {
    expect(withoutStart(readChunks({ choices: [], usage }))).toEqual([]);
  });

  it("reads llama.cpp's timings if there is no usage", () => {
    const timings = { prompt_n: 30, cache_n: 70, predicted_n: 20 };
    expect(withoutStart(readChunks({ choices: [], timings }))).toEqual([
      { type: 'usage', usage: { ...base, cacheReadTokens: 70 } },
    ]);
    expect(
      withoutStart(readChunks({ choices: [], timings, usage: { prompt_tokens: 1, completion_tokens: 2 } })),
    ).toEqual([{ type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } }]);
  });

  it('reads usage before the finish in the same chunk, and after it', () => {
    const finish = { ...chunk({ content: 'a' }, 'stop'), usage: { prompt_tokens: 1, completion_tokens: 2 } };
    const late = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } };
    expect(readChunks(finish, late, '[DONE]').map((delta) => delta.type)).toEqual([
      'start',
      'text-delta',
      'usage',
      'finish',
      'usage',
      'done',
    ]);
  });
});
