import { afterEach, describe, expect, it } from 'vitest';
import { makeBundle, readBundle } from '../../../src/capture/bundle.ts';
import { compareReplay } from '../../../src/capture/compareReplay.ts';
import type { Capture } from '../../../src/capture/format.ts';
import type { DialectId } from '../../../src/canonical/request.ts';
import { createCaptureBench } from '../../support/captureBench.ts';
import { chatChunk, createOpenStream, replyWith, type Answering, type Asked } from '../../support/gatewayBench.ts';
import { playStandIn } from '../../support/playStandIn.ts';
import type { Profile } from '../../upstream/profile.ts';
import type { DeclaredTool, Outcome, Script } from '../../upstream/turn.ts';
import { waysFor } from '../matrix/sampling.ts';
import { providers } from '../prefix/loopProviders.ts';

const benches: { close(): void }[] = [];
afterEach(() => benches.splice(0).forEach((bench) => bench.close()));

function open(provider: object, answer: Answering, retries: object = {}) {
  const config = {
    Providers: [
      { name: 'one', api_base_url: 'http://one.test/v1', api_key: 'planted-key-of-one', models: ['m'], ...provider },
    ],
    Router: { default: '', tierRetries: { 'tier-0': { max_retries: 0, ...retries } } },
    DebugCapture: { enabled: true, capture_success: true },
  };
  const [first] = config.Providers;
  config.Router.default = `${first?.name},${first?.models[0]}`;
  const bench = createCaptureBench(config, answer);
  benches.push(bench);
  return bench;
}

/** Nothing is to differ from what came out a moment before. */
async function expectSame(captures: readonly Capture[]): Promise<void> {
  expect(captures.length).toBeGreaterThan(0);
  for (const capture of captures) {
    const { same, sent, answer = [], unknown, outcome } = await compareReplay(capture);
    expect({ sent, answer, unknown, now: outcome.now }).toEqual({
      sent: [],
      answer: [],
      unknown: [],
      now: outcome.was,
    });
    expect(same).toBe(true);
  }
}

/** Neither as they are nor from a bundle in which no text is left. */
async function expectSameInBundle(captures: readonly Capture[]): Promise<void> {
  await expectSame(captures);
  const bundle = await makeBundle(captures, { version: '1.2.3', platform: 'linux', withTexts: false });
  const text = JSON.stringify(bundle);
  for (const said of ['List the files', 'want a list', 'Here it is', 'a.txt', 'ls'])
    expect(text).not.toContain(`"${said}`);
  expect(text).not.toMatch(/List|want a/);
  await expectSame(readBundle(text) ?? []);
}

const parameters = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };

const questions: Record<DialectId, object> = {
  'openai-chat': {
    model: 'auto',
    messages: [{ role: 'user', content: 'List the files.' }],
    reasoning_effort: 'high',
    tools: [{ type: 'function', function: { name: 'shell', parameters } }],
  },
  'openai-responses': {
    model: 'auto',
    instructions: 'Be brief.',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'List the files.' }] }],
    reasoning: { effort: 'high', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    store: false,
    tools: [{ type: 'function', name: 'shell', parameters }],
  },
  'anthropic-messages': {
    model: 'auto',
    max_tokens: 30_000,
    messages: [{ role: 'user', content: 'List the files.' }],
    thinking: { type: 'enabled', budget_tokens: 20_000 },
    tools: [{ name: 'shell', input_schema: parameters }],
  },
};

const say = (calls: { tool: DeclaredTool; input: string }[]): Outcome => ({
  kind: 'turn',
  turn: { reasoning: 'They want a list.', text: 'Here it is.', calls },
});
const script: Script = ({ tools, toolResults }) =>
  say(tools[0] && toolResults.length === 0 ? [{ tool: tools[0], input: '{"command":"ls"}' }] : []);

function standIn({ profile, config }: { profile: Profile; config: (typeof providers)[number]['config'] }) {
  const { name, api_base_url, protocol, model } = config;
  const played = playStandIn(profile, script);
  const bench = open({ name, api_base_url, protocol, models: [model] }, played.answer);
  return { ...bench, refusals: played.refusals };
}

const dialects = Object.keys(questions) as DialectId[];
const asks = [true, false].flatMap((stream) => dialects.map((dialect) => ({ dialect, stream })));

/** One client at each provider of the usual protocol, each client at the others, streamed or whole; all of it in a full run. */
function asksOf({ config }: (typeof providers)[number], row: number): readonly (typeof asks)[number][] {
  if (config.protocol === 'openai') return waysFor(asks, row, 0);
  return dialects.flatMap((dialect, column) =>
    waysFor([true, false], row, column).map((stream) => ({ dialect, stream })),
  );
}

describe.each(providers.map((provider, row) => ({ ...provider, row })))('a capture of $name replays', (provider) => {
  it.each(asksOf(provider, provider.row))('to $dialect, stream: $stream', async ({ dialect, stream }) => {
    const bench = standIn(provider);
    const received = await bench.send({ dialect, body: { ...questions[dialect], stream } });
    expect(received.text).toContain('Here it is.');
    await expectSameInBundle(bench.captures());
  });

  it('with the reasoning that the client dropped', async () => {
    const bench = standIn(provider);
    const { text } = await bench.send({ dialect: 'openai-chat', body: questions['openai-chat'] });
    const { message } = (JSON.parse(text) as { choices: [{ message: { tool_calls: { id: string }[] } }] }).choices[0];
    const { reasoning_content: _, ...kept } = message as typeof message & { reasoning_content?: string };
    const [call] = kept.tool_calls;
    const more = [kept, { role: 'tool', tool_call_id: call?.id, content: 'a.txt' }];
    await bench.send({
      dialect: 'openai-chat',
      body: { ...questions['openai-chat'], messages: [{ role: 'user', content: 'List the files.' }, ...more] },
    });
    await expectSameInBundle(bench.captures());
  });
});

describe('a failed attempt replays', () => {
  const asked: Asked = { dialect: 'openai-responses', body: { ...questions['openai-responses'], stream: true } };
  const chunks = chatChunk({ content: 'Good' });

  it.each<[string, Answering, string]>([
    ['a refused key', () => Promise.resolve(replyWith(401, { error: { message: 'Bad key.' } })), 'auth: Bad key.'],
    ['a limit', () => Promise.resolve(replyWith(429, {}, { 'retry-after': '7' })), 'rate-limited: '],
    ['JSON that is no answer', () => Promise.resolve(replyWith(200, { oops: 1 }, {})), 'protocol: '],
    [
      'a page in place of an answer',
      () => Promise.resolve(replyWith(200, '<html>', { 'content-type': 'text/html' })),
      'protocol: ',
    ],
    ['an empty answer', () => Promise.resolve(replyWith(200, 'data: [DONE]\n\n')), 'empty: '],
    ['an answer cut in the middle', cutStream, 'connection: one,m: The provider closed'],
    ['no connection', () => Promise.reject(new TypeError('no')), 'internal: '],
  ])('%s', async (_, answer, outcome) => {
    const bench = open({}, answer);
    await bench.send(asked);
    const [capture] = bench.captures();
    await expectSame(bench.captures());
    expect((await compareReplay(capture as Capture)).outcome.now).toContain(outcome);
  });

  function cutStream(call: Parameters<Answering>[0]): ReturnType<Answering> {
    const stream = createOpenStream();
    stream.send(chunks);
    stream.cut();
    return Promise.resolve(stream.reply(call));
  }

  it.each([
    ['before the first event', ''],
    ['in the middle', chunks],
  ])('silence %s, with its time limit and its keep-alives', async (_, before) => {
    const stream = createOpenStream();
    const bench = open({}, (call) => Promise.resolve(stream.reply(call)), {
      stream_first_event_timeout_ms: 40_000,
      stream_idle_timeout_ms: 40_000,
    });
    stream.send(before);
    const { done, received } = bench.ask(asked);
    await bench.clock.advance(41_000);
    await done;
    await bench.idle();
    expect(received.text).toContain('in_progress');
    await expectSame(bench.captures());
    expect((await compareReplay(bench.captures()[0] as Capture)).outcome.now).toMatch(/^timeout: /);
  });

  it('pieces that came at their own times', async () => {
    const stream = createOpenStream();
    const bench = open({}, (call) => Promise.resolve(stream.reply(call)));
    const { done } = bench.ask(asked);
    for (const piece of [chunks.slice(0, 10), chunks.slice(10), chunks + chunks, chatChunk({}, 'stop')]) {
      stream.send(piece);
      await bench.clock.advance(16_000);
    }
    stream.end();
    await bench.clock.advance(0);
    await done;
    await bench.idle();
    await expectSame(bench.captures());
  });

  it('the attempt that followed a remedy', async () => {
    let refused = 0;
    const bench = open({}, ({ body }) =>
      Promise.resolve(
        'reasoning_effort' in (JSON.parse(body) as object) && ++refused > 0
          ? replyWith(400, {
              error: { message: "Unsupported parameter: 'reasoning_effort'", param: 'reasoning_effort' },
            })
          : replyWith(200, `${chunks}${chatChunk({}, 'stop')}data: [DONE]\n\n`),
      ),
    );
    await bench.send(asked);
    await bench.send(asked);
    expect(refused).toBe(1);
    expect(bench.captures()).toHaveLength(3);
    await expectSame(bench.captures());
  });
});

describe('replay says', () => {
  const good: Answering = () =>
    Promise.resolve(replyWith(200, `${chatChunk({ content: 'Good day' }, 'stop')}data: [DONE]\n\n`));

  async function captured(body: object = {}): Promise<Capture> {
    const bench = open({}, good);
    await bench.send({ dialect: 'openai-chat', body: { ...questions['openai-chat'], stream: true, ...body } });
    return bench.captures()[0] as Capture;
  }

  it('what is sent differently now', async () => {
    const capture = await captured();
    const sent = { ...(capture.request_body as object), temperature: 2 };
    expect(await compareReplay({ ...capture, request_body: sent })).toMatchObject({
      same: false,
      sent: [{ place: 'body.temperature', was: '2', now: '(absent)' }],
      answer: [],
    });
  });

  it('what the client gets differently now', async () => {
    const capture = await captured();
    expect(
      await compareReplay({ ...capture, response_body: capture.response_body.replace('day', 'night') }),
    ).toMatchObject({
      same: false,
      answer: [{ place: 'event 2.choices[0].delta.content', was: '"Good day"', now: '"Good night"' }],
    });
  });

  it('which outcome is another now', async () => {
    const capture = await captured();
    expect(await compareReplay({ ...capture, response_status: 503 })).toMatchObject({
      same: false,
      outcome: { was: 'answered', now: expect.stringMatching(/^overloaded|^upstream/) },
    });
  });

  it('that it does not know a stored conversation', async () => {
    const bench = open({}, good);
    const first = await bench.send({ dialect: 'openai-responses', body: { model: 'auto', input: 'Hello' } });
    const { id } = JSON.parse(first.text) as { id: string };
    await bench.send({
      dialect: 'openai-responses',
      body: { model: 'auto', input: 'Go on', previous_response_id: id },
    });
    expect(await compareReplay(bench.captures()[1] as Capture)).toMatchObject({
      unknown: [expect.stringContaining('stored response')],
    });
  });

  it.each([
    ['of another program', (capture: Capture) => ({ ...capture, metadata: undefined }), /not made by CCR/],
    [
      'without the client’s request',
      ({ metadata, ...capture }: Capture) => ({
        ...capture,
        metadata: {
          ccr: { ...metadata?.ccr, request: { ...metadata?.ccr?.request, body: undefined } },
        } as Capture['metadata'],
      }),
      /too large/,
    ],
    [
      'with a config that it can’t read',
      ({ metadata, ...capture }: Capture) => ({
        ...capture,
        metadata: { ccr: { ...metadata?.ccr, config: {} } } as Capture['metadata'],
      }),
      /config/,
    ],
  ])('why it can not replay a capture %s', async (_, damage, reason) => {
    await expect(compareReplay(damage(await captured()) as Capture)).rejects.toThrow(reason);
  });
});
