import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Message, Tool } from '../../../src/canonical/request.ts';
import { createTextMemo } from '../../../src/routing/textMemo.ts';
import { estimateRequest, estimateTokens, measureText } from '../../../src/routing/tokens.ts';

const fixture = new URL('../../fixtures/codex/codex-0.80-responses.json', import.meta.url);
const json = readFileSync(fixture, 'utf8');
const { requests } = JSON.parse(json) as { requests: { body?: { instructions?: string } }[] };
const prose = requests[0]?.body?.instructions ?? '';
const cjk = '在每個請求中，模型會讀取整段對話的內容。\n';

describe('a memo of texts', () => {
  it.each([
    ['JSON', json],
    ['prose', prose],
    ['long prose', prose.repeat(10)],
    ['CJK', cjk.repeat(2000)],
    ['mixed', json + cjk.repeat(800)],
    ['a short text', 'Hello there'],
  ])('measures %s within 12 % of the whole text', (_, text) => {
    const exact = estimateTokens(text);
    expect(Math.abs(createTextMemo(100).text(text).tokens - exact)).toBeLessThanOrEqual(Math.ceil(exact * 0.12));
  });

  it('tells texts of one length apart', () => {
    const memo = createTextMemo(100);
    const [words, dots] = ['word '.repeat(100), '.'.repeat(500)];
    expect([words, dots].map(memo.text)).toEqual([words, dots].map(measureText));
  });

  it('tells declarations apart by their names and lengths, and keeps no more than asked', () => {
    const memo = createTextMemo(4);
    const schemas = Array.from({ length: 20 }, (_, index) => ({ type: 'object', [`p${'x'.repeat(index)}`]: {} }));
    const exact = schemas.map((json) => measureText(JSON.stringify(json)));
    expect(schemas.map(memo.json)).toEqual(exact);
    expect(schemas.map(memo.json)).toEqual(exact);
  });

  it('estimates a request as the whole texts do, for each component', () => {
    const tools: Tool[] = [{ kind: 'function', name: 'f', description: prose, parameters: { type: 'object' } }];
    const messages: Message[] = [
      { role: 'system', parts: [{ type: 'text', text: prose.slice(0, 5000) }] },
      { role: 'user', parts: [{ type: 'text', text: json }] },
    ];
    const exact = estimateRequest({ messages, tools });
    const estimate = estimateRequest({ messages, tools }, createTextMemo(100));
    for (const component of ['system', 'messages', 'tools', 'total'] as const)
      expect(Math.abs(estimate[component] - exact[component])).toBeLessThanOrEqual(exact[component] * 0.12);
  });
});
