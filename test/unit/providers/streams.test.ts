import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { collectReply } from '../../../src/canonical/collectReply.ts';
import type { Delta, Reply } from '../../../src/canonical/events.ts';
import { frameBlocks } from '../../../src/canonical/frameBlocks.ts';
import { openaiChat } from '../../../src/dialects/openaiChat/index.ts';
import type { ProviderIdentity } from '../../../src/providers/findProvider.ts';
import { readFrames } from '../../../src/sse/readFrames.ts';
import { find } from './find.ts';

function bytesOf(fixture: string): Buffer {
  return readFileSync(new URL(`../../fixtures/providers/${fixture}.sse`, import.meta.url));
}

/** The reply in a recorded stream, as the gateway reads it, from pieces of `size` bytes. */
function replay(bytes: Buffer, identity: Partial<ProviderIdentity>, size: number): Reply {
  const collector = collectReply();
  let id = 0;
  const framer = frameBlocks({ newCallId: () => `call_${++id}` })((event) => collector.push(event));
  const quirk = find(identity).quirks.deltas?.({ isOmitted: (unlessTold) => unlessTold, learn: () => {} })(
    (delta: Delta) => framer.push(delta),
  );
  const reader = openaiChat.streamReader((delta) => (quirk ?? framer).push(delta));
  const parser = readFrames((frame) => reader.push(frame));
  const decoder = new TextDecoder();
  for (let start = 0; start < bytes.length; start += size) {
    parser.push(decoder.decode(bytes.subarray(start, start + size), { stream: true }));
  }
  parser.end();
  reader.end();
  quirk?.end();
  framer.end();
  return collector.reply();
}

function parts({ blocks }: Reply): string[] {
  return blocks.map((block) =>
    block.type === 'tool-call' ? `${block.name} ${block.text}` : `${block.type}: ${block.text}`,
  );
}

const local = 'http://127.0.0.1:9999/v1';

describe('recorded streams', () => {
  test.each<[string, Partial<ProviderIdentity>, string[]]>([
    ['deepseek-reasoning-text', { name: 'deepseek' }, ['reasoning: 15 × 23 = 345.', 'text: The answer is **345**.']],
    [
      'glm-native-reasoning',
      { name: 'zai', baseUrl: local },
      ['reasoning: First I think, 好的。', 'text: Then I answer.'],
    ],
    [
      'glm-think-tags',
      { name: 'zai' },
      ['reasoning: The user wants 15 * 23.\nIs 3 < 4 and a</b fine? Yes.', 'text: It is 345, and 1 < 2 > 0.'],
    ],
    [
      'glm-think-tags',
      {},
      ['reasoning: The user wants 15 * 23.\nIs 3 < 4 and a</b fine? Yes.', 'text: It is 345, and 1 < 2 > 0.'],
    ],
    [
      'glm-stray-closing-tag',
      { name: 'zai', baseUrl: local, model: 'glm-5' },
      ['reasoning: The opener was in the template.\nSo only the end arrives.', 'text: The answer.'],
    ],
    [
      'glm-stray-closing-tag',
      { name: 'dashscope', model: 'glm-5.2' },
      ['reasoning: The opener was in the template.\nSo only the end arrives.', 'text: The answer.'],
    ],
    [
      'glm-stray-closing-tag',
      { name: 'lmstudio', model: 'glm-4.7-flash' },
      ['reasoning: The opener was in the template.\nSo only the end arrives.', 'text: The answer.'],
    ],
    [
      'glm-stray-closing-tag',
      { transformers: [{ name: 'thinktag', options: { implied_opener: true } }] },
      ['reasoning: The opener was in the template.\nSo only the end arrives.', 'text: The answer.'],
    ],
    [
      'kimi-think-tokens',
      { name: 'kimi' },
      ['reasoning: The user wants 15 * 23: 300 + 45.', 'text: It is 345. ◁ and ▷ are only arrows here.'],
    ],
    [
      'minimax-details-incremental',
      { name: 'minimax' },
      ['reasoning: The user  asks for a file. \nI call\tthe tool.', 'text: Creating it.'],
    ],
    [
      'minimax-details-cumulative',
      { name: 'minimax' },
      ['reasoning: The user  asks for a file. \nI answer.', 'text: Here it is: a file.'],
    ],
    [
      'minimax-details-leaked-closing-tag',
      { name: 'minimax' },
      ['reasoning: The user wants a greeting in a friendly manner.', 'text: Hi there!'],
    ],
    [
      'minimax-think-tags-mirrored',
      { name: 'minimax' },
      ['reasoning: The user asks 15 * 23. 345.', 'text: It is 345.'],
    ],
    ['openrouter-reasoning-details', { name: 'openrouter' }, ['reasoning: I should say hello.', 'text: Hello.']],
    ['openai-chat-text', { name: 'openai' }, ['text: Hello, world!']],
  ])('%s of %j', (fixture, identity, expected) => {
    const bytes = bytesOf(fixture);
    for (const size of [bytes.length, 1, 7]) expect(parts(replay(bytes, identity, size)).slice(0, 2)).toEqual(expected);
  });

  test('a call after the tags', () => {
    const { blocks } = replay(bytesOf('glm-think-tags-tool-call'), { name: 'zai' }, 1);
    expect(blocks.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call']);
  });

  test.each<[string, Partial<ProviderIdentity>]>([
    ['glm-think-tags', { name: 'zai' }],
    ['glm-stray-closing-tag', { name: 'zai', baseUrl: local }],
    ['kimi-think-tokens', { name: 'kimi' }],
    ['minimax-think-tags-mirrored', { name: 'minimax' }],
  ])('cut off anywhere, %s leaks no thinking', (fixture, identity) => {
    const bytes = bytesOf(fixture);
    const [whole = ''] = parts(replay(bytes, identity, bytes.length));
    const texts: string[] = [];
    for (let length = 0; length < bytes.length; length += 13) {
      const deltas: Delta[] = [];
      const quirk = find(identity).quirks.deltas?.({ isOmitted: (unlessTold) => unlessTold, learn: () => {} })(
        (delta) => deltas.push(delta),
      );
      const reader = openaiChat.streamReader((delta) => quirk?.push(delta));
      const parser = readFrames((frame) => reader.push(frame));
      parser.push(bytes.subarray(0, length).toString('utf8'));
      // The driver never ends a stream that broke off, so nothing held may have come out either.
      texts.push(deltas.map((delta) => (delta.type === 'text-delta' ? delta.text : '')).join(''));
      const thought = deltas.map((delta) => (delta.type === 'reasoning-delta' ? delta.text : '')).join('');
      expect(whole.slice('reasoning: '.length).startsWith(thought)).toBe(true);
    }
    const [, answer = ''] = parts(replay(bytes, identity, bytes.length));
    for (const text of texts) expect(answer.slice('text: '.length).startsWith(text)).toBe(true);
  });
});
