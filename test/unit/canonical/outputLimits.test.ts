import { describe, expect, it } from 'vitest';
import { readOutputLimit } from '../../../src/canonical/outputLimits.ts';

const room = 40_960 - 12_000;

describe('room beside the prompt', () => {
  it.each([
    "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 40960 tokens and your request has 12000 input tokens (32000 > 40960 - 12000). (parameter=max_tokens, value=32000)",
    "This model's maximum context length is 40960 tokens. However, you requested 44000 tokens (12000 in the messages, 32000 in the completion). Please reduce the length of the messages or completion.",
    "This model's maximum context length is 40,960 tokens. However, you requested 44,000 tokens (11000 in the messages, 1000 in the functions, and 32000 in the completion).",
    "This endpoint's maximum context length is 40960 tokens. However, you requested about 44000 tokens (11000 of text input, 1000 of tool input, 32000 in the output). Please reduce the length of either one.",
    "Requested token count exceeds the model's maximum context length of 40960 tokens. You requested a total of 44000 tokens: 12000 tokens from the input messages and 32000 tokens for the completion.",
    'input length and `max_tokens` exceed context limit: 12000 + 32000 > 40960, decrease input length or `max_tokens` and try again',
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 40960. Given: 12000 `inputs` tokens and 32000 `max_new_tokens`',
    'Invalid request: Your request exceeded model token limit: 40960 (requested: 44000)',
    'Please reduce the length of the messages or completion. Current length is 44000 while limit is 40960',
    'The input (12000 tokens) and max_tokens (32000) exceed the context window of 40960 tokens.',
    'prompt tokens 12000 plus max_tokens 32000 is 44000, which is larger than the context window 40960',
  ])('is read from: %s', (message) => {
    expect(readOutputLimit(message, 32_000)).toEqual({ type: 'room', tokens: room });
  });

  it('is approached by halves where the prompt is at least so long', () => {
    const message =
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens.";
    expect(readOutputLimit(message, 32_000)).toEqual({ type: 'room', tokens: 15_999 });
  });

  it.each([
    ['maximum context length is 40960 tokens and your request has 41000 input tokens', 296],
    ["This model's maximum prompt length is 40960 but the request contains 41000 tokens.", 296],
    ['prompt is too long: 210000 tokens > 200000 maximum', 10_256],
    ['maximum context length is 40960 tokens and your request has 40900 input tokens', 196],
  ])('is none: %s', (message, over) => {
    expect(readOutputLimit(message, 8000)).toMatchObject({ type: 'no-room', over });
  });

  it('may be small where little was asked for', () => {
    const message = 'maximum context length is 4096 tokens and your request has 4000 input tokens';
    expect(readOutputLimit(message, 100)).toEqual({ type: 'room', tokens: 96 });
  });
});

describe('the most that a model writes', () => {
  it.each([
    'max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022',
    'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]',
    '<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]',
    'max_tokens is too large: 64000. This model supports at most 8192 completion tokens, whereas you provided 64000.',
    'Unable to submit request because it has a maxOutputTokens value of 64000 but the supported range is from 1 (inclusive) to 8193 (exclusive).',
    'The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum tokens value that is lower than 8192.',
    '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
    "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 8192, but got 64000 instead.",
    'body.max_tokens: Input should be less than or equal to 8192',
    'invalid params, max_tokens must be less than 8193',
    'max_completion_tokens must be between 1 and 8192',
    'max_tokens cannot exceed 8,192',
    'max_tokens参数非法。请检查文档。限制数值范围[1,8192]',
    'The requested max_tokens (64000) exceeds the output limit of 8192 for this model',
  ])('is read from: %s', (message) => {
    expect(readOutputLimit(message, 64_000)).toEqual({ type: 'most', tokens: 8192 });
    expect(readOutputLimit(message, 4000)).toBeUndefined();
  });

  it('the least is read too', () => {
    const message =
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.";
    expect(readOutputLimit(message, 1)).toEqual({ type: 'least', tokens: 16 });
  });

  it.each([
    'Rate limit reached: 40000 tokens per minute, requested 44000',
    'Invalid API key',
    'messages.1: tool_use ids must be unique',
    'max_tokens: Field required',
  ])('nothing is read from: %s', (message) => {
    expect(readOutputLimit(message, 32_000)).toBeUndefined();
  });
});
