import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { Message } from '../../../src/canonical/request.ts';
import { takeSearchTag } from '../../../src/gateway/searchTag.ts';

const text = (role: Message['role'], words: string): Message => ({ role, parts: [{ type: 'text', text: words }] });

function take(...messages: Message[]) {
  const given = createRequest(
    { messages, tools: [], toolChoice: { type: 'auto' }, stream: false, sampling: {} },
    { dialect: 'openai-chat', body: {} },
  );
  const { request, hasSearchTag } = takeSearchTag(given);
  const words = request.messages.map(({ parts }) => (parts[0]?.type === 'text' ? parts[0].text : ''));
  return { hasSearchTag, words, isRelayed: request.source !== undefined };
}

describe('takeSearchTag', () => {
  it.each([
    ['[search] the weather', 'the weather'],
    ['the weather [web]', 'the weather'],
    ['now [search] again', 'now again'],
  ])('takes the tag out of %j', (given, left) => {
    expect(take(text('user', given))).toEqual({ hasSearchTag: true, words: [left], isRelayed: false });
  });

  it.each([
    'a [web](https://a.test) link',
    'items[search]',
    '[Search] in another case',
    '<system-reminder>\nType [search] to search.\n</system-reminder>',
  ])('leaves %j as it is', (given) => {
    expect(take(text('user', given))).toEqual({ hasSearchTag: false, words: [given], isRelayed: true });
  });

  it('counts the newest message only, but cleans earlier ones, which the client repeats', () => {
    const messages = [text('user', '[search] a'), text('assistant', 'b'), text('user', 'c')];
    expect(take(...messages)).toEqual({ hasSearchTag: false, words: ['a', 'b', 'c'], isRelayed: false });
  });

  it('ignores the tag in what others say', () => {
    expect(take(text('system', '[search]'), text('user', 'a'), text('assistant', '[web]')).hasSearchTag).toBe(false);
  });
});
