import { describe, expect, it } from 'vitest';
import { dialectById } from '../../../src/dialects/registry.ts';
import { readEffortWord } from '../../../src/reasoning/unknownEffort.ts';
import { testSealer } from '../../support/testSealer.ts';

describe('a word for an effort', () => {
  it.each([
    ['ultra', 'max'],
    ['HIGH', 'high'],
    ['extra_high', 'xhigh'],
    ['off', 'none'],
    ['minimum', 'minimal'],
    ['heroic', 'high'],
    ['constructor', 'high'],
    ['auto', undefined],
    ['default', undefined],
  ])('%s counts as %s', (word, effort) => {
    expect(readEffortWord(word)).toBe(effort);
  });
});

const messages = [{ role: 'user', content: 'hi' }];

describe('an effort that no model has', () => {
  it.each([
    ['openai-chat', { messages, reasoning_effort: 'ultra' }, { reasoning_effort: 'max' }],
    ['openai-chat', { messages, reasoning: { effort: 'ultra' } }, { reasoning: { effort: 'max' } }],
    [
      'openai-responses',
      { input: 'hi', reasoning: { effort: 'ultra', summary: 'auto' } },
      { reasoning: { effort: 'max', summary: 'auto' } },
    ],
    [
      'anthropic-messages',
      { messages, max_tokens: 9, output_config: { effort: 'ultra' } },
      { output_config: { effort: 'max' } },
    ],
  ] as const)('of a client of %s becomes the nearest one, in a relay too, with a warning', (id, body, relayed) => {
    const request = dialectById(id).readRequest(body, testSealer);
    expect(request.reasoning).toMatchObject({ effort: 'max' });
    expect(request.source?.body).toMatchObject(relayed);
    expect(request.warnings).toEqual(['The effort "ultra" is unknown: "max" is used instead.']);
  });

  it.each([
    ['openai-responses', { input: 'hi', reasoning: { effort: 'auto' } }, 'reasoning'],
    ['anthropic-messages', { messages, max_tokens: 9, output_config: { effort: 'default' } }, 'output_config'],
  ] as const)('is left to the model where it says so (%s)', (id, body, field) => {
    const request = dialectById(id).readRequest(body, testSealer);
    expect(request.reasoning).toBeUndefined();
    expect(request.warnings).toBeUndefined();
    expect(request.source?.body[field]).toEqual({});
  });
});
