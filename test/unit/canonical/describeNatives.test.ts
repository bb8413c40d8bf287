import { describe, expect, it } from 'vitest';
import { describeNatives } from '../../../src/canonical/describeNatives.ts';
import type { Message, NativePart, Part } from '../../../src/canonical/request.ts';

const native = (more: Partial<NativePart> = {}): Part => ({
  type: 'native',
  dialect: 'openai-chat',
  json: {},
  ...more,
});
const text = (words: string): Part => ({ type: 'text', text: words });
const user = (...parts: Part[]): Message => ({ role: 'user', parts });

describe('native parts of another dialect', () => {
  it('are replaced by their text, also in tool results', () => {
    const told = native({ textForOtherDialects: 'gone', cacheControl: { type: 'ephemeral' } });
    const result: Part = { type: 'tool-result', callId: 'c', kind: 'function', isError: false, parts: [told] };
    const said = { ...text('gone'), cacheControl: { type: 'ephemeral' } };
    const messages = [user(text('a'), told), { role: 'tool' as const, parts: [result] }];
    expect(describeNatives(messages, 'anthropic-messages')).toEqual([
      user(text('a'), said),
      { role: 'tool', parts: [{ ...result, parts: [said] }] },
    ]);
  });

  it('are dropped without a text, along with a message that becomes empty', () => {
    expect(describeNatives([user(native()), user(text('a'), native()), user()], 'openai-responses')).toEqual([
      user(text('a')),
      user(),
    ]);
  });

  it('are kept for their own dialect', () => {
    const messages = [user(native({ textForOtherDialects: 'gone' }))];
    expect(describeNatives(messages, 'openai-chat')).toBe(messages);
  });
});
