import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import { addCapture } from '../../../src/capture/captureFolder.ts';
import { maxFileBytes } from '../../../src/capture/format.ts';
import { createCaptureBench } from '../../support/captureBench.ts';
import { chatChunk, createOpenStream, replyWith, type Answering } from '../../support/gatewayBench.ts';

const key = 'planted-key-of-the-provider';
const prompt = 'a planted prompt about the harbour';
const one = { name: 'one', api_base_url: 'http://one.test/v1', api_key: key, models: ['m'], tier_name: 'fast' };
const two = { name: 'two', api_base_url: 'http://two.test/v1', api_key: 'key-of-two', models: ['m'] };

function configOf(capture: object, more: object = {}): object {
  return {
    Providers: [one, two],
    Router: { default: 'one,m', think: 'two,m', tierRetries: { fast: { max_retries: 0 }, two: { max_retries: 0 } } },
    DebugCapture: { enabled: true, ...capture },
    ...more,
  };
}

const asked = (more: object = {}) => ({
  dialect: 'openai-chat' as const,
  body: { model: 'auto', messages: [{ role: 'user', content: prompt }], ...more },
});

const streamed = chatChunk({ content: 'Good' }) + chatChunk({ content: ' day' }, 'stop') + 'data: [DONE]\n\n';
const answered = {
  id: 'c',
  model: 'real',
  choices: [{ index: 0, message: { content: 'Good day' }, finish_reason: 'stop' }],
};
const refusal = { error: { message: 'It is closed.' } };

const benches: { close(): void }[] = [];
afterEach(() => benches.splice(0).forEach((bench) => bench.close()));

type Changes = Parameters<typeof createCaptureBench>[2];

function open(capture: object, answer: Answering, changes?: Changes, more?: object) {
  const bench = createCaptureBench(configOf(capture, more), answer, changes);
  benches.push(bench);
  return bench;
}

const byHost =
  (replies: Record<string, () => ReturnType<typeof replyWith>>): Answering =>
  ({ url }) =>
    Promise.resolve((replies[new URL(url).host.slice(0, 3)] ?? (() => replyWith(200, answered)))());

describe('what is captured', () => {
  it('is a failed attempt, in the original format, and not the one that answered', async () => {
    const bench = open({}, byHost({ one: () => replyWith(500, refusal) }));
    const received = await bench.send(asked());
    expect(received.text).toContain('Good day');
    expect(bench.names()).toEqual([expect.stringMatching(/^ccr_capture_v1_one_fast_20\d{6}_\d{6}_\d{9}_0\.json$/)]);
    const [capture] = bench.captures();
    expect(capture).toMatchObject({
      request_id: 0,
      provider: 'one',
      tier_name: 'fast',
      model: 'm',
      url: 'http://one.test/v1/chat/completions',
      method: 'POST',
      request_body: { model: 'm', messages: [{ role: 'user', content: prompt }] },
      response_status: 500,
      response_body: JSON.stringify(refusal),
      response_truncated: false,
      is_streaming: false,
      success: false,
      error: 'It is closed.',
    });
    expect(capture).not.toHaveProperty('request_headers');
    expect(capture?.metadata?.ccr).toMatchObject({
      version: '1.2.3',
      request: { dialect: 'openai-chat', body: { model: 'auto' } },
      attempt: { number: 1, error: { kind: 'upstream' } },
      record: { id: expect.stringMatching(/^req_/) },
    });
  });

  it('is every attempt with capture_success, the last one with what the client got', async () => {
    const bench = open({ capture_success: true }, byHost({ one: () => replyWith(500, refusal) }));
    const received = await bench.send(asked());
    const [first, last] = bench.captures();
    expect([first?.success, last?.success]).toEqual([false, true]);
    expect(first?.metadata?.ccr).not.toHaveProperty('answer');
    expect(last?.metadata?.ccr?.answer).toEqual({ status: 200, text: received.text, truncated: false });
  });

  it('is an answer that broke off after its first content', async () => {
    const bench = open({}, (call) => {
      const stream = createOpenStream();
      stream.send(chatChunk({ content: 'Good' }));
      stream.cut();
      return Promise.resolve(stream.reply(call));
    });
    const received = await bench.send(asked({ stream: true }));
    const [capture] = bench.captures();
    expect(capture).toMatchObject({ success: false, response_status: 200, is_streaming: true });
    expect(capture?.metadata?.ccr).toMatchObject({
      attempt: { error: { kind: 'connection' } },
      reply: { ended: 'broken', pieces: [[0, 2]] },
      answer: { status: 200, text: received.text },
    });
  });

  it('is an attempt without a response', async () => {
    const bench = open({ providers: ['ONE'] }, () => Promise.reject(new GatewayError('connection', 'Nobody there.')));
    await bench.send(asked());
    expect(bench.captures()).toEqual([
      expect.objectContaining({ provider: 'one', response_status: 0, response_body: '', error: 'Nobody there.' }),
    ]);
  });

  it('is nothing of a client that hangs up, nothing while it is off, and follows a reload', async () => {
    const silent = createOpenStream();
    let isSilent = true;
    const bench = open({}, (call) => Promise.resolve(isSilent ? silent.reply(call) : replyWith(200, streamed)));
    const { hangUp, done } = bench.ask(asked({ stream: true }));
    await bench.clock.advance(0);
    hangUp();
    await done;
    await bench.idle();
    isSilent = false;
    bench.reload(configOf({ enabled: false, capture_success: true }));
    await bench.send(asked({ stream: true }));
    expect(bench.names()).toEqual([]);
    bench.reload(configOf({ capture_success: true }));
    await bench.send(asked({ stream: true }));
    expect(bench.names()).toHaveLength(1);
  });
});

describe('files', () => {
  const failing = byHost({ one: () => replyWith(500, refusal), two: () => replyWith(500, refusal) });

  it('are readable by their owner only', async () => {
    const bench = open({}, failing);
    await bench.send(asked());
    expect(statSync(bench.folder).mode & 0o777).toBe(0o700);
    expect(bench.names().map((name) => statSync(path.join(bench.folder, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it('stay within max_files; the oldest go, and others stay', async () => {
    const bench = open({ max_files: 3 }, failing);
    mkdirSync(bench.folder, { recursive: true });
    writeFileSync(path.join(bench.folder, 'mine.json'), '{}');
    for (let count = 0; count < 4; count++) await bench.send(asked());
    expect(bench.captures().length).toBe(3);
    expect(
      bench
        .names()
        .filter((name) => name !== 'mine.json')
        .map((name) => /_(\d+)\.json$/.exec(name)?.[1]),
    ).toEqual(expect.arrayContaining(['5', '6', '7']));
  });

  it('stay in their folder, whatever a provider is called', async () => {
    const name = '../../../etc/pass wd\n\u202e';
    const bench = createCaptureBench(
      {
        Providers: [{ ...one, name, tier_name: '..', models: ['../m'] }],
        Router: { default: `${name},../m`, tierRetries: { '..': { max_retries: 0 } } },
        DebugCapture: { enabled: true },
      },
      () => Promise.resolve(replyWith(500, refusal)),
    );
    benches.push(bench);
    await bench.send(asked());
    expect(bench.names()).toEqual([expect.stringMatching(/^ccr_capture_v1_[\w.-]+_\.\._\d{8}_\d{6}_\d{9}_0\.json$/)]);
    expect(bench.captures()[0]?.provider).toBe(name);
  });

  it('keep at most max_body_size bytes of a response and never half a character', async () => {
    const bench = open(
      { max_body_size: 3 },
      byHost({ one: () => replyWith(500, 'éé'), two: () => replyWith(500, 'éé') }),
    );
    await bench.send(asked());
    expect(bench.captures()[0]).toMatchObject({ response_body: 'é', response_truncated: true });
  });

  it('leave out what replay can do without, and then themselves, above 4 MiB', async () => {
    const bench = open({ capture_success: true, max_body_size: 2_000_000 }, () =>
      Promise.resolve(
        replyWith(200, {
          ...answered,
          choices: [{ index: 0, message: { content: 'n'.repeat(1_200_000) }, finish_reason: 'stop' }],
        }),
      ),
    );
    await bench.send(asked({ messages: [{ role: 'user', content: 'p'.repeat(1_000_000) }] }));
    await bench.send(asked({ messages: [{ role: 'user', content: 'p'.repeat(2_000_000) }] }));
    await bench.send(asked({ messages: [{ role: 'user', content: 'p'.repeat(4_000_000) }] }));
    const [first, second, third] = bench.names().map((name) => statSync(path.join(bench.folder, name)).size);
    expect([first, second].every((size = 0) => size > 1_000_000 && size <= maxFileBytes)).toBe(true);
    expect(third).toBeUndefined();
    const [withoutAnswer, withoutBody] = bench.captures();
    expect(withoutAnswer?.metadata?.ccr?.answer).toBeUndefined();
    expect(withoutAnswer?.metadata?.ccr?.request.body).toBeDefined();
    expect(withoutBody?.metadata?.ccr?.request.body).toBeUndefined();
    expect(withoutBody?.request_body).toBeDefined();
    expect(bench.logged.filter((line) => line.startsWith('warn'))).toEqual([
      'warn A capture was left out: its request has more than 4 MiB.',
    ]);
  });
});

describe('a request never fails for its capture', () => {
  const good: Answering = () => Promise.resolve(replyWith(200, answered));
  const warnings = (logged: string[]): string[] => logged.filter((line) => line.startsWith('warn'));

  it.each([
    ['a file in place of the folder', (folder: string) => writeFileSync(folder, ''), /is not a folder/],
    ['a link in place of the folder', (folder: string) => symlinkSync('/tmp', folder), /is a link/],
  ])('%s: it says so once', async (_, block, reason) => {
    const bench = open({ capture_success: true }, good);
    mkdirSync(path.dirname(bench.folder), { recursive: true });
    block(bench.folder);
    const texts = [await bench.send(asked()), await bench.send(asked())].map(({ text }) => text);
    expect(texts).toEqual([expect.stringContaining('Good day'), expect.stringContaining('Good day')]);
    expect(warnings(bench.logged)).toEqual([expect.stringMatching(reason)]);
  });

  it.skipIf(process.getuid?.() === 0)('a folder that can not be written to', async () => {
    const bench = open({ capture_success: true }, good);
    mkdirSync(path.dirname(bench.folder), { recursive: true });
    chmodSync(path.dirname(bench.folder), 0o500);
    expect((await bench.send(asked())).text).toContain('Good day');
    chmodSync(path.dirname(bench.folder), 0o700);
    expect(warnings(bench.logged)).toEqual([expect.stringMatching(/EACCES/)]);
  });

  it('a full disk: it says so again after a capture was written', async () => {
    let isFull = true;
    const bench = open({ capture_success: true }, good, {
      addCapture(...file) {
        return isFull ? Promise.reject(new Error('ENOSPC: no space left on device, write')) : addCapture(...file);
      },
    });
    for (const full of [true, true, false, true]) {
      isFull = full;
      expect((await bench.send(asked())).text).toContain('Good day');
    }
    expect(bench.names()).toHaveLength(1);
    expect(warnings(bench.logged)).toEqual(Array(2).fill(expect.stringMatching(/ENOSPC: no space left/)));
  });

  it('a write that fails leaves nothing behind', async () => {
    const bench = open({}, good);
    const name = 'ccr_capture_v1_a_b_20260101_000000_000000000_0.json';
    mkdirSync(path.join(bench.folder, name, 'in the way'), { recursive: true });
    await expect(addCapture(bench.folder, name, '{}', 5)).rejects.toThrow();
    expect(bench.names()).toEqual([name]);
  });

  it('more copies than the memory has room for', async () => {
    const bench = open({ capture_success: true }, good, { mostHeldBytes: 400 });
    expect((await bench.send(asked({ messages: [{ role: 'user', content: 'p'.repeat(500) }] }))).text).toContain(
      'Good day',
    );
    expect(bench.names()).toEqual([]);
    expect(warnings(bench.logged)).toEqual(['warn A capture was left out: too much is being captured at once.']);
    await bench.send(asked());
    expect(bench.names()).toHaveLength(1);
  });
});

describe('secrets', () => {
  const storageSecret = 'planted-secret-of-the-storage';
  const clientKey = 'planted-key-of-the-client';
  const echoed = `You sent ${key}, ${encodeURIComponent(`a ${key}`)} and ${storageSecret} and sk-unknown-1234567890`;

  const encoded = ['hex', 'base64', 'base64url'].flatMap((name) =>
    ['', 'a', 'ab'].map((before) => Buffer.from(`${before}${key}`).toString(name as BufferEncoding)),
  );

  async function captureAll(reply: () => ReturnType<typeof replyWith>, body: object = {}) {
    const bench = open(
      { capture_success: true, include_headers: true },
      () => Promise.resolve(reply()),
      { otherSecrets: () => [storageSecret] },
      {
        Providers: [
          {
            ...one,
            api_base_url: `http://user:planted-password-1@one.test/v1?api_key=planted-key-of-the-url`,
            api_keys: ['planted-second-key'],
            extra_headers: { 'x-company': 'planted-company-value' },
          },
        ],
        Router: { default: 'one,m', tierRetries: { fast: { max_retries: 0 } } },
        APIKEY: 'planted-token-of-clients',
        PROXY_URL: 'http://me:planted-proxy-password@proxy.test:8080',
      },
    );
    const headers = { authorization: `Bearer ${clientKey}`, cookie: 'session=planted-cookie-value' };
    await bench.send({ ...asked(body), headers, query: `?key=planted-key-in-the-query` });
    expect(bench.names().length).toBeGreaterThan(0);
    return bench.names().map((name) => readFileSync(path.join(bench.folder, name), 'utf8'));
  }

  it.each([
    ['a refusal', () => replyWith(401, { error: { message: echoed } }, { 'set-cookie': `a=${key}`, 'x-echo': echoed })],
    ['a whole answer', () => replyWith(200, { ...answered, [storageSecret]: echoed, note: clientKey })],
    ['an event stream', () => replyWith(200, `: ${key}\n\n${chatChunk({ content: echoed })}data: [DONE]\n\n`)],
    ['a page of a proxy', () => replyWith(502, `<html>${echoed} ${clientKey}</html>`)],
    ['encodings of keys', () => replyWith(502, { error: encoded })],
    ['text that is cut', () => replyWith(502, `The key is ${key.slice(0, 20)}`)],
  ])('are in no capture of %s', async (_, reply) => {
    const texts = await captureAll(reply, {
      messages: [{ role: 'user', content: `${prompt}: ${key} ${clientKey} planted-token-of-clients` }],
      user: storageSecret,
    });
    for (const text of texts) {
      expect(text).not.toMatch(/planted-(key|second|secret|token|password|proxy|company|cookie)|sk-unknown/);
      expect(text).not.toMatch(/706c616e7465642d6b6579|cGxhbnRlZC1rZXk|BsYW50ZWQta2V5|wbGFudGVkLWtle/i);
      expect(text).toContain(prompt);
    }
  });

  it('are looked for in slices, between which other work goes first', async () => {
    const frames = Array.from({ length: 2000 }, (_, number) => chatChunk({ content: `Word ${number} ` })).join('');
    let pauses = 0;
    let nowMs = 0;
    const texts = Array.from({ length: 2000 }, (_, number) => ({
      role: 'user',
      content: `${number}${' '.repeat(400)}`,
    }));
    const bench = open({ capture_success: true }, () => Promise.resolve(replyWith(200, `${frames}data: [DONE]\n\n`)), {
      clock: { now: () => nowMs++, after: () => () => undefined },
      pause: async () => void pauses++,
    });
    await bench.send(asked({ messages: texts, stream: true }));
    expect(bench.captures()).toHaveLength(1);
    expect(pauses).toBeGreaterThan(40);
  });

  it('are found where they are spread over the frames of a stream', async () => {
    const pieces = [...key].map((letter) => chatChunk({ content: letter })).join('');
    const [text = ''] = await captureAll(() =>
      replyWith(
        200,
        `${chatChunk({ content: 'It is ' })}${pieces}${chatChunk({ content: '.' }, 'stop')}data: [DONE]\n\n`,
      ),
    );
    const contents = [
      ...(JSON.parse(text) as { response_body: string }).response_body.matchAll(/"content":"([^"]*)"/g),
    ];
    expect(contents.map((match) => match[1]).join('')).toBe('It is [key].');
    const answer = (JSON.parse(text) as { metadata: { ccr: { answer: { text: string } } } }).metadata.ccr.answer.text;
    expect(answer).toContain('It is [key].');
  });

  it('are found at the place where a body is cut', async () => {
    const bench = open(
      { max_body_size: 30 },
      byHost({ one: () => replyWith(500, `${'x'.repeat(20)}${key}${'y'.repeat(50)}`) }),
    );
    await bench.send(asked());
    expect(bench.captures()[0]?.response_body).toBe(`${'x'.repeat(20)}[key]${'y'.repeat(5)}`);
  });
});
