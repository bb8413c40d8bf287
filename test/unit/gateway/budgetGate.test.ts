import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const provider = (name: string) => ({ name, api_base_url: `http://${name}.test/v1`, models: ['m'] });
const pricing = { input_per_million_tokens: 1, output_per_million_tokens: 10 };
const config = (budgets: object[]) => ({
  Providers: [{ ...provider('dear'), pricing }, provider('cheap')],
  Router: { default: 'dear,m' },
  Presets: { frugal: { route: 'cheap,m' } },
  Budgets: budgets,
});
/** 60,000 + 4,000 tokens: 0.1 USD at these prices. */
const usage = { prompt_tokens: 60_000, completion_tokens: 4000, total_tokens: 64_000 };
const usageChunk = `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [], usage })}\n\n`;
const answer = chatChunk({ content: 'Yes.' }) + chatChunk({}, 'stop') + usageChunk + 'data: [DONE]\n\n';

function start(budgets: object[]) {
  const bench = createGatewayBench(config(budgets), () => Promise.resolve(replyWith(200, answer)));
  const ask = async ({ session = 'a', dialect = 'openai-chat', client = 'other' } = {}) => {
    const { done, received } = bench.ask({
      dialect: dialect as 'openai-chat',
      client: client as 'other',
      body: { model: 'auto', stream: true, max_tokens: 9, input: 'Go.', messages: [{ role: 'user', content: 'Go.' }] },
      headers: { 'session-id': session },
    });
    await done;
    return received;
  };
  const asked = () => bench.calls.map(({ url }) => new URL(url).host.split('.')[0]);
  return { bench, ask, asked };
}

describe('a hard budget', () => {
  it('refuses what comes after it is used up, with what to do about it, in the client dialect', async () => {
    const { ask, asked, bench } = start([{ per: 'day', usd: 0.15 }]);
    for (let count = 0; count < 2; count++) expect((await ask()).status).toBe(200);
    for (const [dialect, status] of [
      ['openai-chat', 403],
      ['anthropic-messages', 403],
    ] as const) {
      const { status: given, text } = await ask({ dialect });
      expect(given).toBe(status);
      expect(text).toMatch(
        /CCR's budget 1 \(0\.15 USD per day\) is used up\. Requests are refused .*, or raise it in Budgets in the config\./,
      );
    }
    const codex = await ask({ dialect: 'openai-responses', client: 'codex' });
    expect(codex.text).toMatch(/"code":"invalid_prompt".*is used up/);
    expect(asked()).toEqual(['dear', 'dear']);
    await bench.clock.advance(24 * 3_600_000);
    expect((await ask()).status).toBe(200);
  });

  it('of a conversation concerns no other one', async () => {
    const { ask } = start([{ per: 'conversation', tokens: 60_000 }]);
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.text.includes('Start a new conversation')]).toEqual([403, true]);
    expect((await ask({ session: 'b' })).status).toBe(200);
  });

  it('counts requests that are still being answered', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config([{ per: 'day', tokens: 1000 }]), (call) =>
      Promise.resolve(stream.reply(call)),
    );
    const messages = [{ role: 'user', content: 'word '.repeat(1000) }];
    const first = bench.ask({ dialect: 'openai-chat', body: { model: 'auto', stream: true, messages } });
    await bench.clock.advance(0);
    const second = bench.ask({ dialect: 'openai-chat', body: { model: 'auto', stream: true, messages } });
    await second.done;
    expect(second.received.status).toBe(403);
    stream.send(answer);
    stream.end();
    await first.done;
    expect(first.received.status).toBe(200);
  });
});

describe('a soft budget', () => {
  it('sends requests to its preset, and says so once', async () => {
    const { ask, asked, bench } = start([{ per: 'day', usd: 0.2, softAt: 0.5, preset: 'frugal', hard: false }]);
    const headers = [];
    for (let count = 0; count < 4; count++) headers.push((await ask()).headers['x-ccr-budget']);
    expect(asked()).toEqual(['dear', 'cheap', 'cheap', 'cheap']);
    expect(headers[1]).toMatch(/^Budget 1 \(0\.2 USD per day\) is used to 5\d %$/);
    expect(bench.records.map(({ reason }) => reason)).toEqual(['default', 'budget', 'budget', 'budget']);
    expect(bench.records.flatMap(({ warnings }) => warnings)).toEqual([
      expect.stringMatching(/^Budget 1 .* is used to 5\d %\. Requests go to the preset frugal\.$/),
    ]);
  });

  it('without a preset only warns', async () => {
    const { ask, asked, bench } = start([{ per: '5h', usd: 0.1, hard: false }]);
    for (let count = 0; count < 3; count++) await ask();
    expect(asked()).toEqual(['dear', 'dear', 'dear']);
    expect(bench.records.map(({ warnings }) => warnings.length)).toEqual([0, 1, 0]);
  });
});
