import { describe, expect, it } from 'vitest';
import { createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';

const provider = (name: string, window?: number): object => ({
  name,
  api_base_url: `http://${name}.test/v1`,
  models: ['m'],
  ...(window !== undefined && { model_info: { m: { context_window: window, max_output_tokens: 4000 } } }),
});

const config = (Router: object = {}): object => ({
  Providers: [provider('plain', 40_000), provider('other', 60_000), provider('long', 500_000), provider('unknown')],
  Router: { default: 'plain,m', longContext: 'long,m', ...Router },
});

/** Of about `tokens`: each word is one. */
const words = (tokens: number): string => 'word '.repeat(tokens);

function ask(tokens: number, body: object = {}): Asked {
  return {
    dialect: 'openai-chat',
    headers: { 'thread-id': 't' },
    body: { model: 'auto', messages: [{ role: 'user', content: words(tokens) }], ...body },
  };
}

function start(Router: object = {}, promptTokens?: number) {
  const bench = createGatewayBench(config(Router), () =>
    Promise.resolve(
      replyWith(200, {
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        ...(promptTokens !== undefined && { usage: { prompt_tokens: promptTokens, completion_tokens: 1 } }),
      }),
    ),
  );
  const hosts = (): string[] => bench.calls.map(({ url }) => new URL(url).hostname.replace('.test', ''));
  const reasons = (): unknown[] => bench.records.map(({ reason }) => reason);
  return { ...bench, hosts, reasons };
}

describe('a long request', () => {
  it('goes to longContext above the threshold, and stays there until the conversation is half as long', async () => {
    const bench = start({ longContextThreshold: 10_000 });
    for (const tokens of [9000, 11_000, 9000, 4000, 9000]) await bench.ask(ask(tokens)).done;
    expect(bench.hosts()).toEqual(['plain', 'long', 'long', 'plain', 'plain']);
    expect(bench.reasons()).toEqual(['default', 'long-context', 'long-context', 'default', 'default']);
    const lengths = bench.records.map(({ route }) => route?.length);
    expect(lengths.map((length) => length?.wasLong)).toEqual([undefined, false, true, undefined, undefined]);
    for (const length of lengths) if (length) expect(length.tokens).toBeGreaterThan(length.limit);
  });

  it('of another conversation is decided by its own length', async () => {
    const bench = start({ longContextThreshold: 10_000 });
    await bench.ask(ask(11_000)).done;
    await bench.ask({ ...ask(9000), headers: { 'thread-id': 'u' } }).done;
    expect(bench.hosts()).toEqual(['long', 'plain']);
  });

  it.each<[string, number, object, string]>([
    ['that fits stays', 30_000, {}, 'plain'],
    ['that does not fit goes to longContext', 45_000, {}, 'long'],
    ['that leaves no room for the answer asked for does too', 38_000, { max_tokens: 4000 }, 'long'],
    ['leaves no more room than the model can write', 35_000, { max_tokens: 100_000 }, 'plain'],
    ['goes there even where the client named the model', 45_000, { model: 'plain,m' }, 'long'],
  ])('%s', async (_, tokens, body, host) => {
    const bench = start({ longContextThreshold: 1_000_000 });
    await bench.ask(ask(tokens, body)).done;
    expect(bench.hosts()).toEqual([host]);
  });

  it('goes to the first target where it fits if there is no longContext, and the log says why', async () => {
    const bench = start({ longContext: undefined, think: 'other,m', background: 'unknown,m' });
    await bench.ask(ask(50_000)).done;
    await bench.ask(ask(80_000)).done;
    expect(bench.hosts()).toEqual(['other', 'unknown']);
    expect(bench.logged.at(-1)).toMatch(
      /since plain,m has a context window of 40000 tokens, too small for about 8\d{4} and the answer \(default\)/,
    );
    expect(bench.records[1]?.route?.candidates.map(({ position }) => position)).toEqual([
      'fallback',
      'too-small',
      'too-small',
    ]);
  });

  it('is sent to the matched target if it fits nowhere: the provider has the last word', async () => {
    const bench = start({ longContext: undefined });
    await bench.ask(ask(50_000)).done;
    expect(bench.hosts()).toEqual(['plain']);
  });

  it("is measured by the provider's own counts once it has answered", async () => {
    const bench = start({ longContextThreshold: 10_000 }, 12_000);
    await bench.ask(ask(8000)).done;
    await bench.ask(ask(8000)).done;
    expect(bench.hosts()).toEqual(['plain', 'long']);
    expect(bench.records[0]?.estimate?.total).toBeGreaterThan(7900);
  });
});
