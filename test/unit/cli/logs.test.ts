import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { logs, type LogsOptions } from '../../../src/cli/logs.ts';
import { createLog } from '../../../src/observe/log.ts';
import { runGateway, type RunningGateway } from '../../../src/server/run.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const config = {
  Providers: [{ name: 'one', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] }],
  Router: { default: 'one,m' },
};

function makeHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-logs-'));
  cleanups.push(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

async function run(home: string): Promise<RunningGateway> {
  const file = path.join(home, 'config.json');
  writeFileSync(file, JSON.stringify({ ...config, PORT: 0 }));
  const log = createLog(
    () => 'error',
    () => undefined,
  );
  const gateway = await runGateway({ file, environment: {}, homeDirectory: home, version: '1.0.0', log });
  cleanups.push(() => gateway.stop(0));
  return gateway;
}

/** A request that fails, which is a line in the log. */
async function ask({ url }: RunningGateway, model: string): Promise<void> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'a planted prompt' }] });
  const headers = { 'content-type': 'application/json' };
  await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })).text();
}

function start(home: string, options: Partial<LogsOptions>) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const stopping = new AbortController();
  const context = {
    environment: {},
    homeDirectory: home,
    currentDirectory: home,
    platform: 'linux',
    version: '1.2.3',
    cliPath: '/ccr/cli.js',
    print: (line: string) => void printed.push(line),
    complain: (line: string) => void complaints.push(line),
  } as const;
  const done = logs({ lines: 200, ...options }, context, stopping.signal, 5);
  cleanups.push(() => stopping.abort());
  return { printed, complaints, done, stop: () => stopping.abort() };
}

describe('ccr logs', () => {
  it('prints the latest lines as the gateway writes them, and ends', async () => {
    const home = makeHome();
    const gateway = await run(home);
    await ask(gateway, 'one,first');
    await ask(gateway, 'one,second');
    const all = start(home, {});
    expect(await all.done).toBe(0);
    const [line = '', newest = ''] = all.printed.slice(-2);
    expect(line).toMatch(/^20\d\d-\S+Z warn Request failed: other asked for one,first .* \(req_\w+\)$/);
    expect(newest).toContain('one,second');
    const two = start(home, { lines: 1, json: true });
    expect(await two.done).toBe(0);
    expect(two.printed.map((text) => JSON.parse(text) as unknown)).toEqual([
      { level: 'warn', message: newest.replace(/^\S+ warn /, ''), at: expect.any(Number), cursor: expect.any(Number) },
    ]);
  });

  it('follows each new line once, also those of the next gateway, until it is stopped', async () => {
    const home = makeHome();
    const first = await run(home);
    await ask(first, 'one,before');
    const following = start(home, { follow: true, lines: 1 });
    await vi.waitFor(() => expect(following.printed).toEqual([expect.stringContaining('one,before')]));
    await ask(first, 'one,during');
    await vi.waitFor(() => expect(following.printed).toHaveLength(2));
    await first.stop(0);
    await vi.waitFor(() => expect(following.complaints).toEqual([expect.stringContaining('has stopped')]));
    const second = await run(home);
    await ask(second, 'one,after');
    await vi.waitFor(() => expect(following.printed.at(-1)).toContain('one,after'));
    following.stop();
    expect(await following.done).toBe(0);
    const asked = following.printed.flatMap((line) => /asked for (one,\w+)/.exec(line)?.[1] ?? []);
    expect(asked).toEqual(['one,before', 'one,during', 'one,after']);
    expect(following.printed.join('\n')).not.toContain('planted');
  });

  it.each([{}, { json: true }])('says that no gateway runs %j', async (options) => {
    const { done, printed, complaints } = start(makeHome(), { port: 1, ...options });
    expect(await done).toBe(1);
    expect([...printed, ...complaints]).toEqual([expect.stringContaining('CCR is not running (port 1)')]);
  });
});
