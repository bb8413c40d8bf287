import { describe, expect, test } from 'vitest';
import { peek } from '../../../src/gateway/peek.ts';

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('peek', () => {
  test('reads no further than it has to, and gives the whole body back', async () => {
    const { head, rest } = await peek(chunksOf(' ab', 'cd', 'ef'), ({ length }) => length >= 4);
    expect(Buffer.from(head).toString()).toBe(' abcd');
    expect(await read(rest)).toBe(' abcdef');
  });

  test.each([
    [[' ', '\r\n\t', '\ufeff', '{"a": 1}', ' '], '{"a": 1} '],
    [['\ufeff\n {"a":1}'], '{"a":1}'],
    [['', 'data: x', '\n\n', ' '], 'data: x\n\n '],
    [['\n', ' '], ''],
    [['\ufb00\uff5e'], '\ufb00\uff5e'],
  ])('skips the blanks before the text of %j', async (texts, expected) => {
    const { rest } = await peek(chunksOf(...texts), ({ length }) => length > 0, { skipsBlanks: true });
    expect(await read(rest)).toBe(expected);
  });

  test('does not collect the blanks that it skips', async () => {
    const lengths: number[] = [];
    const blanks = Array<string>(100).fill(' '.repeat(1000));
    const isEnough = ({ length }: Uint8Array): boolean => {
      lengths.push(length);
      return length > 0;
    };
    await peek(chunksOf(...blanks, 'x'), isEnough, { skipsBlanks: true });
    expect(Math.max(...lengths)).toBe(1);
  });
});
