import { describe, expect, it } from 'vitest';
import { previewExchange } from '../../../src/server/preview.ts';
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

describe('requests at the same time', () => {
  it('count with the usual output of their target, so that a hard budget is not spent many times over', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config([{ per: 'day', tokens: 67_000 }]), (call) =>
      Promise.resolve(bench.calls.length === 1 ? replyWith(200, answer) : stream.reply(call)),
    );
    const ask = () =>
      bench.ask({
        dialect: 'openai-chat',
        body: { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Go.' }] },
      });
    await ask().done;
    // 64,000 are spent. The next answer is expected to have 4000 more, as the first one had.
    const second = ask();
    await bench.clock.advance(0);
    const third = ask();
    await third.done;
    expect([bench.calls.length, third.received.status]).toEqual([2, 403]);
    stream.send(answer);
    stream.end();
    await second.done;
    expect(second.received.status).toBe(200);
  });
});

describe('a soft budget', () => {
  it('chooses the model of subagents, too, whatever their system prompt names', async () => {
    const { ask, asked, bench } = start([{ per: 'day', usd: 0.2, softAt: 0.5, preset: 'frugal', hard: false }]);
    await ask();
    const content = 'You search. <CCR-SUBAGENT-MODEL>dear,m</CCR-SUBAGENT-MODEL>';
    const messages = [
      { role: 'system', content },
      { role: 'user', content: 'Go.' },
    ];
    await bench.ask({ dialect: 'openai-chat', body: { model: 'auto', stream: true, messages } }).done;
    expect(asked()).toEqual(['dear', 'cheap']);
    expect(bench.records[1]?.reason).toBe('budget');
    expect(JSON.stringify(bench.calls[1]?.body)).not.toContain('CCR-SUBAGENT');
  });

  it.each([
    ['is off', { frugal: { route: 'cheap,m' } }, 'its provider cheap is off'],
    ['leads nowhere', { frugal: { route: 'think' } }, 'its route leads nowhere'],
  ])('leaves requests on their route if its preset %s, and says so once', async (_, Presets, why) => {
    const budgets = [{ per: 'day', usd: 0.2, softAt: 0.5, preset: 'frugal', hard: false }];
    const off = { name: 'cheap', enabled: false as const, reason: 'it has no key.' };
    const bench = createGatewayBench({ ...config(budgets), Presets }, () => Promise.resolve(replyWith(200, answer)), [
      off,
    ]);
    for (let count = 0; count < 3; count++)
      await bench.ask({
        dialect: 'openai-chat',
        body: { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Go.' }] },
      }).done;
    expect(bench.records.map(({ target, reason, budget }) => [target?.provider, reason, budget])).toEqual(
      Array.from({ length: 3 }, () => ['dear', 'default', undefined]),
    );
    expect(bench.records.flatMap(({ warnings }) => warnings)).toEqual([
      expect.stringMatching(/^Budget 1 .* is used to 5\d %\. Its preset frugal can't be used/),
    ]);
    expect(bench.records[1]?.warnings[0]).toContain(`since ${why}: requests stay on their routes.`);
  });

  it('leaves its one warning to a request: a preview shows it and does not use it up', async () => {
    const { ask, bench } = start([{ per: 'day', usd: 0.2, softAt: 0.5, preset: 'frugal', hard: false }]);
    await ask();
    const body = { model: 'auto', messages: [{ role: 'user', content: 'Go.' }] };
    const exchange = previewExchange({ dialect: 'openai-chat', body });
    const logged = bench.logged.length;
    for (let count = 0; count < 2; count++)
      expect(bench.preview(exchange)).toMatchObject({
        reason: 'budget',
        warnings: [expect.stringContaining('is used to')],
      });
    expect(bench.logged).toHaveLength(logged);
    await ask();
    expect(bench.records[1]?.warnings).toHaveLength(1);
  });

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
