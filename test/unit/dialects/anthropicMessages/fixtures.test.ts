import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../../src/canonical/events.ts';
import { fixture, fixtures, readText, toReply } from './support.ts';

const expected: Record<string, Reply | string> = {
  'anthropic-thinking-tools': {
    blocks: [
      {
        type: 'reasoning',
        text: 'The user wants two files: 漢字 🙂.',
        proof: { type: 'signature', signature: 'EqQBCgIYAhIM+/example==' },
      },
      { type: 'text', text: 'I will write both.' },
      { type: 'tool-call', kind: 'function', id: 'toolu_01', name: 'write_file', text: '{"path": "a.txt"}' },
      // A call without input has an empty one: some clients parse what they get.
      { type: 'tool-call', kind: 'function', id: 'toolu_02', name: 'now', text: '{}' },
    ],
    finish: 'tool-calls',
    usage: {
      inputTokens: 2112,
      outputTokens: 89,
      cacheReadTokens: 2000,
      cacheWriteTokens: 100,
      reasoningTokens: 30,
    },
  },
  'anthropic-hidden-thinking': {
    blocks: [
      { type: 'reasoning', text: '', proof: { type: 'signature', signature: 'EsIDhidden' } },
      { type: 'reasoning', text: '', proof: { type: 'redacted', data: 'EmwKAhgB+redacted' } },
      { type: 'text', text: 'Done.' },
    ],
    finish: 'stop',
    usage: { inputTokens: 20, outputTokens: 40 },
  },
  'anthropic-web-search': {
    blocks: [
      {
        type: 'native',
        dialect: 'anthropic-messages',
        text: '',
        json: { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'weather' } },
      },
      {
        type: 'native',
        dialect: 'anthropic-messages',
        text: '',
        json: {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: [
            {
              type: 'web_search_result',
              url: 'https://example.com',
              title: 'Weather',
              encrypted_content: 'Eo…',
              page_age: null,
            },
          ],
        },
      },
      {
        type: 'text',
        text: 'It rains.',
        citations: {
          dialect: 'anthropic-messages',
          items: [
            {
              type: 'web_search_result_location',
              url: 'https://example.com',
              title: 'Weather',
              encrypted_index: 'Eo',
              cited_text: 'rain',
            },
          ],
          links: [{ url: 'https://example.com', title: 'Weather' }],
        },
      },
    ],
    finish: 'stop',
    usage: { inputTokens: 9, outputTokens: 20 },
  },
  'anthropic-refusal': {
    blocks: [{ type: 'refusal', text: 'I can not help with this.' }],
    finish: 'content-filter',
    usage: { inputTokens: 5, outputTokens: 3 },
  },
  'anthropic-compatible-surface': {
    blocks: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'tool-call', kind: 'function', id: 'call_1', name: 'ls', text: '{"path":"."}' },
      { type: 'text', text: 'Listing.' },
    ],
    finish: 'tool-calls',
    usage: { inputTokens: 134, outputTokens: 9, cacheReadTokens: 64 },
  },
  'anthropic-error-after-content': 'overloaded',
};

describe.each(fixtures())('%s', (name) => {
  const text = fixture(name);
  const whole = readText(text);

  it('reads what is in it', () => {
    const wanted = expected[name];
    expect(wanted).toBeDefined();
    if (typeof wanted === 'string') expect(() => toReply(whole)).toThrow(expect.objectContaining({ kind: wanted }));
    else expect(toReply(whole)).toEqual(wanted);
  });

  it('reads the same in any pieces', () => {
    for (const size of [1, 2, 7, 61]) expect(readText(text, size)).toEqual(whole);
  });

  it('reads a stream cut anywhere as a beginning of the whole, which never passes for whole', () => {
    for (let length = 0; length < text.length; length += 5) {
      const cut = readText(text.slice(0, length));
      const read = cut.at(-1)?.type === 'error' ? cut.slice(0, -1) : cut;
      expect(read).toEqual(whole.slice(0, read.length));
      if (!cut.some(({ type }) => type === 'finish' || type === 'done')) expect(() => toReply(cut)).toThrow();
    }
  });
});
