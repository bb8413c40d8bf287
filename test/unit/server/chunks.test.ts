// The bytes of an answer, compared with those that Node writes by itself.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { chunkOf, lastChunk } from '../../../src/server/chunks.ts';
import { joinPieces, type Pieces } from '../../../src/sse/pieces.ts';
import { createClientResponse } from '../../../src/server/clientResponse.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

/** What a client reads of an answer, without its date. */
async function received(version: string, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  cleanups.push(() => {
    client.destroy();
    server.close();
  });
  client.write(`POST / HTTP/${version}\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  return (await readAll(client)).replace(/^Date: .*\r\n/m, '');
}

const options = { maxFrames: 100, onBackpressure() {}, writeTimeoutMs: 10_000, onStalled() {} };

describe.each(['1.1', '1.0'])('an answer over HTTP/%s', (version) => {
  it.each([
    [['data: a\n\n', 'data: ü €😀\n\n', 'x'.repeat(70_000)], 'data: [DONE]\n\n'],
    [['data: a\n\n', '', 'b'], ''],
    [
      [
        ['data: ', 'ü'.repeat(5000), '€', Buffer.from('\n\n')],
        [Buffer.from('😀'), 'c'],
      ],
      '',
    ],
    [[], '{"whole":true}'],
    [[], undefined],
  ])('has the bytes that Node writes: %#', async (writes, end) => {
    const headers = { 'content-type': 'text/event-stream' };
    const ours = await received(version, (response) => {
      const client = createClientResponse(response, options);
      client.open(200, headers);
      for (const text of writes) void client.write(text, 1);
      client.end(end);
    });
    const theirs = await received(version, (response) => {
      response.writeHead(200, headers);
      for (const text of writes) response.write(joinPieces(text));
      response.end(end);
    });
    expect(ours).toBe(theirs);
    expect(ours.includes('Transfer-Encoding: chunked')).toBe(version === '1.1');
  });
});

it('a chunk states its length in bytes, and an empty text is none', () => {
  const chunk = (pieces: Pieces, after?: string): string => joinPieces(chunkOf(pieces, after));
  expect(chunk(['ü€'])).toBe('5\r\nü€\r\n');
  expect(chunk(['ü', Buffer.from('€')])).toBe('5\r\nü€\r\n');
  expect(chunk(['ab'], lastChunk)).toBe('2\r\nab\r\n0\r\n\r\n');
  expect(chunk([''])).toBe('');
  expect(chunk([], lastChunk)).toBe('0\r\n\r\n');
});
