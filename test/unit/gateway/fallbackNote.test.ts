import { describe, expect, it } from 'vitest';
import { toRequestView } from '../../../src/server/stateView.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] },
    { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'] },
  ],
  Router: {
    default: 'one,m',
    tiers: ['one,m', 'two,m'],
    strategy: 'ordered',
    tierRetries: { 'tier-0': { max_retries: 0 }, 'tier-1': { max_retries: 0 } },
  },
};
const answer = chatChunk({ content: 'Yes.' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';

const go = { role: 'user', content: 'Go.' };

/** What a client sends of earlier turns. */
function history(turns = 0): object[] {
  return Array.from({ length: turns }, () => [go, { role: 'assistant', content: 'Yes.' }]).flat();
}

/** A conversation of turns; `isDown` says for each whether the first provider fails. */
async function converse(turns: { isDown: boolean; model?: string; session?: string | null; earlier?: number }[]) {
  let isDown = false;
  const bench = createGatewayBench(config, ({ url }) =>
    Promise.resolve(isDown && url.includes('one.test') ? replyWith(500, 'Broken.') : replyWith(200, answer)),
  );
  const headers = [];
  for (const turn of turns) {
    ({ isDown } = turn);
    const { done, received } = bench.ask({
      dialect: 'openai-chat',
      body: { model: turn.model ?? 'auto', stream: true, messages: [...history(turn.earlier), go] },
      headers: turn.session === null ? {} : { 'session-id': turn.session ?? 'a' },
    });
    await done;
    headers.push(received.headers['x-ccr-fallback']);
  }
  return {
    headers,
    warnings: bench.records.map((record) => record.warnings),
    fallbacks: bench.records.map(({ fallback }) => fallback),
    views: bench.records.map((record) => toRequestView(record, () => undefined)),
  };
}

describe('a fallback in mid-conversation', () => {
  it('is noted once: in a header, in a warning and in the record', async () => {
    const { headers, warnings, fallbacks, views } = await converse([
      { isDown: false },
      { isDown: true },
      { isDown: true },
      { isDown: false },
    ]);
    expect(headers).toEqual([undefined, 'from=one,m; one,m failed (upstream)', undefined, undefined]);
    expect(warnings.flat()).toEqual([
      'The conversation continues with two,m, since one,m failed (upstream); one,m answered before.',
    ]);
    // Windows get it in the event of the request.
    expect(views.map(({ fallback }) => fallback?.from)).toEqual([undefined, 'one,m', undefined, undefined]);
    expect(fallbacks[1]).toEqual({ from: 'one,m', why: 'one,m failed (upstream)' });
  });

  it('is none when the user chose the other model, or the conversation is new', async () => {
    const { headers } = await converse([
      { isDown: false },
      { isDown: false, model: 'two,m' },
      { isDown: true, session: 'b' },
    ]);
    expect(headers).toEqual([undefined, undefined, undefined]);
  });

  it('is noted for the conversation that goes on, not for a new one with the same words, if the client names none', async () => {
    const { headers } = await converse([
      { session: null, isDown: false },
      { session: null, isDown: true },
      { session: null, isDown: false, earlier: 1 },
      { session: null, isDown: true, earlier: 2 },
    ]);
    expect(headers).toEqual([undefined, undefined, undefined, 'from=one,m; one,m failed (upstream)']);
  });
});
