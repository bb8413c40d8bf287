import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { createCaptureBench } from '../../support/captureBench.ts';
import { chatChunk, replyWith } from '../../support/gatewayBench.ts';

const key = 'planted-key-of-the-provider';
const prompt = 'a planted prompt about the harbour';
const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', api_key: key, models: ['m'] },
    { name: 'two', api_base_url: 'http://two.test/v1', api_key: 'another-planted-key', models: ['m'] },
  ],
  Router: { default: 'one,m', think: 'two,m', tierRetries: { one: { max_retries: 0 } } },
  DebugCapture: { enabled: true, capture_success: true },
};

let bench: ReturnType<typeof createCaptureBench>;
let work: string;
let printed: string[];
let complaints: string[];

beforeEach(async () => {
  work = mkdtempSync(path.join(tmpdir(), 'ccr-work-'));
  bench = createCaptureBench(config, ({ url }) =>
    Promise.resolve(
      url.includes('one.test')
        ? replyWith(500, { error: { message: `No room for ${prompt} with ${key}.` } })
        : replyWith(200, `${chatChunk({ content: 'A harbour has ships.' }, 'stop')}data: [DONE]\n\n`),
    ),
  );
  await bench.send({
    dialect: 'openai-responses',
    body: { model: 'auto', stream: true, store: false, input: `${prompt} ${key}` },
  });
});

afterEach(() => {
  bench.close();
  rmSync(work, { recursive: true });
});

async function run(...words: string[]) {
  printed = [];
  complaints = [];
  const exitCode = await runProgram(['captures', ...words], {
    environment: {},
    homeDirectory: bench.home,
    currentDirectory: work,
    platform: 'linux',
    version: '9.9.9',
    cliPath: '/ccr/cli.js',
    print: (line) => void printed.push(line),
    complain: (line) => void complaints.push(line),
  });
  return exitCode;
}

const json = (): Record<string, unknown> => JSON.parse(printed.join('\n')) as Record<string, unknown>;

describe('ccr captures', () => {
  it('lists, newest first, with the options of the original', async () => {
    expect(await run()).toBe(0);
    expect(printed).toEqual([
      expect.stringMatching(/^20.* two,m 200 after 0 ms: answered \(req_1\)$/),
      expect.stringMatching(/^20.* one,m 500 after 0 ms: No room for .* \(req_1\)$/),
    ]);
    expect(await run('-p', 'ONE', '-l', '5', '--json')).toBe(0);
    expect(json()).toMatchObject({
      folder: bench.folder,
      captures: [{ provider: 'one', request: 'req_1', success: false }],
    });
    expect(await run('--stats', '--json')).toBe(0);
    expect(json()).toMatchObject({
      total_captures: 2,
      success_count: 1,
      error_count: 1,
      by_provider: { one: 1, two: 1 },
    });
    expect(await run('--full')).toBe(0);
    expect(printed.join('\n')).toContain('data: [DONE]');
  });

  it('shows and clears', async () => {
    expect(await run('show', bench.names()[0] ?? '', '--json')).toBe(0);
    expect(json()).toMatchObject({ provider: 'one', response_status: 500 });
    expect(await run('show', 'req_1')).toBe(0);
    expect(printed.map((text) => (JSON.parse(text) as { provider: string }).provider)).toEqual(['one', 'two']);
    writeFileSync(path.join(bench.folder, 'mine.json'), '{}');
    writeFileSync(path.join(bench.folder, 'ccr_capture_v1_a_b_20260101_000000_000000000_0.json.part'), '{}');
    expect(await run('clear', '--json')).toBe(0);
    expect([json(), bench.names()]).toEqual([{ folder: bench.folder, removed: 2 }, ['mine.json']]);
    expect(await run()).toBe(0);
    expect(printed).toEqual([`There are no captures in ${bench.folder}.`]);
  });

  it('replays a request, and exits with 1 if something comes out differently', async () => {
    expect(await run('replay')).toBe(0);
    expect(printed).toContain(
      'req_1, attempt 2 at two,m: comes out as it did (captured by CCR 1.2.3, replayed by 9.9.9)',
    );
    const file = path.join(bench.folder, bench.names().at(-1) ?? '');
    writeFileSync(file, readFileSync(file, 'utf8').replace('has ships', 'has boats'));
    expect(await run('replay', file, '--json')).toBe(1);
    expect(json()).toMatchObject({
      same: false,
      attempts: [{ answer: [{ was: expect.stringContaining('ships'), now: expect.stringContaining('boats') }] }],
    });
  });
});

describe('a bundle', () => {
  it('has all that is known of a request, no key and no text, and replays', async () => {
    expect(await run('bundle')).toBe(0);
    const file = path.join(work, 'ccr-bundle-req_1.json');
    expect(printed).toEqual([`Wrote ${file}. It holds no keys, and the texts of people and models are replaced.`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/planted|harbour|ships/);
    expect(JSON.parse(text)).toMatchObject({
      ccr_bundle: 1,
      made_by: { ccr: '9.9.9', platform: 'linux' },
      hidden: true,
      request: 'req_1',
      config: { Providers: [{ name: 'one', api_key: '[key]' }, { name: 'two' }] },
      captures: [{ error: expect.stringMatching(/^No room for \[prompt\]/) }, { success: true }],
      replay: [{ same: true }, { same: true }],
    });
    expect(await run('clear')).toBe(0);
    expect(await run('replay', file, '--json')).toBe(0);
    expect(json()).toMatchObject({ same: true, attempts: [{ attempt: 1 }, { attempt: 2 }] });
  });

  it('keeps the texts on demand, never a key, and replaces no file', async () => {
    expect(await run('bundle', 'last', '--with-texts', '-o', 'mine.json', '--json')).toBe(0);
    const text = readFileSync(path.join(work, 'mine.json'), 'utf8');
    expect(text).toContain(prompt);
    expect(text).not.toContain('planted-key');
    expect(await run('bundle', 'last', '-o', 'mine.json')).toBe(1);
    expect(complaints[0]).toContain('it exists already');
    expect(await run('bundle', 'last', '-o', '-')).toBe(0);
    expect(json()).toMatchObject({ ccr_bundle: 1 });
  });
});

describe('says what is wrong with', () => {
  it.each<[string, string[], RegExp]>([
    ['a missing folder', ['--output-dir', 'nowhere'], /does not exist\. Set "DebugCapture"/],
    ['a file in place of the folder', ['--output-dir', '/etc/hosts'], /is not a folder/],
    ['an unknown request', ['show', 'req_99'], /no capture of a request "req_99"/],
    ['a missing file', ['show', './nothing.json'], /it does not exist/],
    ['a folder in place of a file', ['show', './folder.json'], /is not a file/],
  ])('%s', async (_, words, message) => {
    mkdirSync(path.join(work, 'folder.json'));
    expect(await run(...words)).toBe(1);
    expect(complaints).toEqual([expect.stringMatching(message)]);
    expect(await run(...words, '--json')).toBe(1);
    expect(json()).toEqual({ error: expect.stringMatching(message) });
  });

  it.each<[string, string, RegExp]>([
    ['a file that is cut', '{"request_id": 1, "prov', /is damaged: it is not valid JSON/],
    ['other JSON', '{"a": 1}', /no capture, or a damaged one \(request_id/],
    ['a damaged bundle', '{"ccr_bundle": 1, "captures": []}', /The bundle is damaged/],
    ['JSON that is nested too deeply', `${'['.repeat(5000)}${']'.repeat(5000)}`, /is damaged/],
  ])('%s', async (_, text, message) => {
    const file = path.join(work, 'some.json');
    writeFileSync(file, text);
    for (const command of ['show', 'replay', 'bundle']) {
      expect(await run(command, './some.json')).toBe(1);
      expect(complaints).toEqual([expect.stringMatching(message)]);
    }
  });

  it('a damaged file among others, and lists the others', async () => {
    writeFileSync(path.join(bench.folder, bench.names()[0] ?? ''), '{');
    expect(await run()).toBe(0);
    expect(printed).toEqual([expect.stringContaining('answered'), expect.stringContaining('is damaged')]);
    expect(readdirSync(work)).toEqual([]);
    expect(existsSync(bench.folder)).toBe(true);
  });
});
