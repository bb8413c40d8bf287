// Limits of models, at the surfaces of real providers: what a refusal states is kept to, and what nobody takes is not sent.
import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../../src/canonical/request.ts';
import { replyWith, type Answering } from '../../../support/gatewayBench.ts';
import {
  answerWith,
  askSurface,
  faultsOf,
  isSampled,
  realSurfaces,
  type Surface,
} from '../../../support/realSurfaces.ts';

const bodyOf = (body: string | undefined): JsonObject => JSON.parse(body ?? '{}') as JsonObject;

function tokensIn({ max_tokens: tokens, max_completion_tokens: completion, max_output_tokens: output }: JsonObject): number {
  return Number(tokens ?? completion ?? output ?? 0);
} // prettier-ignore

/** A provider that refuses what `isWrong` finds in a body, in these words. */
function refusing(surface: Surface, words: string, isWrong: (body: JsonObject) => boolean): Answering {
  const answer = answerWith(surface.wire, { text: 'OK' });
  const error = { type: 'invalid_request_error', message: words };
  const refusal = surface.wire === 'anthropic-messages' ? { type: 'error', error } : { error };
  return (call) => (isWrong(bodyOf(call.body)) ? Promise.resolve(replyWith(400, refusal)) : answer(call));
}

/** Each in the words of one maker, which its hosts and gateways pass on. 8192 is the most that the model writes. */
const mostWords = [
  'max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022',
  'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]',
  '<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]',
  'max_tokens is too large: 32000. This model supports at most 8192 completion tokens, whereas you provided 32000.',
  "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 8192, but got 32000 instead.",
  '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
  'invalid params, max_tokens must be less than 8193',
  'max_tokens参数非法。请检查文档。限制数值范围[1,8192]',
  'Unable to submit request because it has a maxOutputTokens value of 32000 but the supported range is from 1 (inclusive) to 8193 (exclusive).',
];

/** The room that is left is 20000 tokens. */
const roomWords = [
  "This model's maximum context length is 40960 tokens and your request has 20960 input tokens (32000 > 40960 - 20960).",
  "This model's maximum context length is 40960 tokens. However, you requested 52960 tokens (20960 in the messages, 32000 in the completion).",
  'input length and `max_tokens` exceed context limit: 20960 + 32000 > 40960, decrease input length or `max_tokens` and try again',
  'Invalid request: Your request exceeded model token limit: 40960 (requested: 52960)',
];

const limitNames: Record<DialectId, string> = {
  'openai-chat': 'max_tokens',
  'openai-responses': 'max_output_tokens',
  'anthropic-messages': 'max_tokens',
};

/** At every limit: an effort that nobody has, half an emoji, empty turns, five marks, a token to answer with. */
const half = 'cut \ud83d';
const turns = [
  { role: 'user', content: half },
  { role: 'assistant', content: '' },
  { role: 'user', content: 'b' },
];
const extremes: Record<DialectId, object> = {
  'openai-chat': { messages: turns, max_tokens: 1, reasoning_effort: 'ultra', temperature: 0.7, top_p: 0.9 },
  'openai-responses': { input: turns, max_output_tokens: 1, reasoning: { effort: 'ultra' }, store: false },
  'anthropic-messages': {
    messages: turns,
    max_tokens: 1,
    output_config: { effort: 'ultra' },
    temperature: 0.7,
    top_p: 0.9,
    system: ['a', 'b', 'c', 'd', 'e'].map((text) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } })),
  },
};

describe.each(realSurfaces)('$name', (surface) => {
  const limits = [
    ...mostWords.map((words, row) => [words, row, 8192] as const),
    ...roomWords.map((words, row) => [words, row + 1, 20_000] as const),
  ];
  it.each(limits.filter(([, row]) => isSampled(surface, row)))('%s', async (words, row, most) => {
    const answer = refusing(surface, words, (body) => tokensIn(body) > most);
    const faults = await faultsOf(surface, row, async (way) => {
      const body = { [limitNames[way.client]]: 32_000 };
      const { bench, text, attempts } = await askSurface({ surface, ...way, body }, answer);
      return [
        [attempts, 2],
        [tokensIn(bodyOf(bench.calls[1]?.body)), most],
        [text.includes('OK'), true, text],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  });

  it.each([
    ["Unsupported value: 'temperature' does not support 0.3 with this model. Only the default (1) value is supported.", 'temperature'],
    ['invalid temperature: only 1 is allowed for this model', 'temperature'],
    ['`temperature` and `top_p` cannot both be specified for this model. Please use only one.', 'top_p'],
    ["Unrecognized request argument supplied: 'top_p'", 'top_p'],
  ])('%s', async (words, field) => {
    const answer = refusing(surface, words, (body) => field in body);
    const faults = await faultsOf(surface, field.length, async (way) => {
      const { text, status } = await askSurface({ surface, ...way, body: { temperature: 0.3, top_p: 0.8 } }, answer);
      return [
        [status, 200, text],
        [text.includes('OK'), true, text],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  }); // prettier-ignore

  it('a request at every limit', async () => {
    const faults = await faultsOf(surface, 3, async (way) => {
      const asked = { surface, ...way, body: extremes[way.client] };
      const { bench, text, attempts } = await askSurface(asked, answerWith(surface.wire, { text: 'OK' }));
      const sent = bench.calls[0]?.body ?? '';
      return [
        [attempts, 1],
        [text.includes('OK'), true, text],
        [sent.includes('ultra'), false, sent],
        [/\\ud83d/.test(sent) || !sent.isWellFormed(), false, sent],
        [/"content":(?:""|\[\])/.test(sent), false, sent],
        [sent.split('"cache_control"').length - 1 <= 4, true, sent],
        [surface.wire === 'openai-responses' && tokensIn(bodyOf(sent)) < 16, false, sent],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  });
});
