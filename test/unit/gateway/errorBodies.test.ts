// How much of an error's body is read, and for how long.
import { expect, it } from 'vitest';
import { createGatewayBench } from '../../support/gatewayBench.ts';

const config = {
  Providers: [{ name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] }],
  Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
};
const request = {
  dialect: 'openai-chat' as const,
  body: { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] },
};

/** Answers with an error of these pieces, and counts those that were read. */
function benchOf(pieces: () => AsyncGenerator<string>) {
  const read = { bytes: 0 };
  async function* body(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces()) {
      read.bytes += piece.length;
      yield Buffer.from(piece);
    }
  }
  const headers = { 'content-type': 'application/json' };
  const bench = createGatewayBench(config, () => Promise.resolve({ status: 400, headers, body: body() }));
  return { bench, read, ...bench.ask(request) };
}

it('only the beginning of a long one is read, and its words are kept', async () => {
  const { done, received, read, bench } = benchOf(async function* () {
    yield '{"error":{"message":"The words."},"more":"';
    for (let count = 0; count < 2000; count++) yield 'x'.repeat(1024);
  });
  await done;
  expect(received.text).toContain('The words.');
  expect(read.bytes).toBeLessThan(260 * 1024);
  expect(bench.calls[0]?.signal.aborted).toBe(true);
});

it('one that never ends is waited for 3 s, and what was received is kept', async () => {
  const { done, received, bench } = benchOf(async function* () {
    yield '{"error":{"message":"The words."}';
    await new Promise(() => undefined);
  });
  await bench.clock.advance(2_999);
  expect(received.ended).toBe(false);
  await bench.clock.advance(1);
  await done;
  expect(received).toMatchObject({ status: 400, text: expect.stringContaining('The words.') as string });
});
