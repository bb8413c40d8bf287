import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import type { UpstreamCall, UpstreamReply } from '../../../src/gateway/upstream.ts';
import { createLog } from '../../../src/observe/log.ts';
import { createModelsDevCache } from '../../../src/server/modelsDevCache.ts';
import { createModelsDevUpdater } from '../../../src/server/modelsDevUpdater.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const models = readFileSync(path.join(import.meta.dirname, '../../fixtures/models.dev.json'), 'utf8');

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-catalog-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const folder = (): string => path.join(home, '.claude-code-router', 'cache');
const file = (): string => path.join(folder(), 'models.dev.json');

type Answering = (call: UpstreamCall) => Promise<UpstreamReply>;

/** An updater with its cache in `home` and a models.dev that answers with `answer`. */
function open(answer: Answering, url = 'https://models.example/api.json') {
  const calls: UpstreamCall[] = [];
  const logged: string[] = [];
  const clock = createFakeClock();
  const log = createLog(
    () => 'debug',
    (level, message) => logged.push(`${level} ${message}`),
  );
  const upstream = {
    send: (call: UpstreamCall) => {
      calls.push(call);
      return answer(call);
    },
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
  const cache = createModelsDevCache(home, log);
  const updater = createModelsDevUpdater({ url, upstream: () => upstream, cache, clock, log });
  return { ...updater, calls, logged, clock };
}

function reply(status: number, headers: Record<string, string> = {}, chunks: Iterable<Uint8Array> = []): Answering {
  return async () => ({
    status,
    headers,
    body: (async function* () {
      yield* chunks;
    })(),
  });
}

const ok = (text = models, etag = '"v1"') => reply(200, { etag }, [Buffer.from(text)]);
const never: Answering = () => Promise.reject(new Error('Unexpected request.'));

describe('refreshing the model catalog', () => {
  it('fetches the catalog and keeps it for the next start', async () => {
    const first = open(ok());
    expect(first.catalog()).toBeUndefined();
    const refreshed = await first.refresh();
    expect(refreshed).toMatchObject({ outcome: 'updated', models: 11, providers: 6, newest: '2026-09-30' });
    expect(refreshed.message).toContain('11 models of 6 providers');
    expect(first.calls).toMatchObject([{ method: 'GET', url: 'https://models.example/api.json' }]);
    const second = open(never);
    expect(second.catalog()).toEqual(first.catalog());
    expect(second.calls).toEqual([]);
  });

  it('lets only the owner read its file', async () => {
    await open(ok()).refresh();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
  });

  it('sends the ETag and keeps its catalog if models.dev has no newer one', async () => {
    await open(ok()).refresh();
    const again = open(reply(304));
    expect(await again.refresh()).toMatchObject({ outcome: 'unchanged', models: 11 });
    expect(again.calls[0]?.headers['if-none-match']).toBe('"v1"');
    expect(again.catalog()).toBeDefined();
  });

  it('does not send the ETag of one server to another', async () => {
    await open(ok()).refresh();
    const other = open(ok(models, '"other"'), 'https://other.example/api.json');
    await other.refresh();
    expect(other.calls[0]?.headers).not.toHaveProperty('if-none-match');
  });

  it.each<[string, Answering, RegExp]>([
    [
      'the host is unknown',
      () => Promise.reject(new GatewayError('connection', 'https://models.example has no known address.')),
      /no known address/,
    ],
    [
      'the connection is refused',
      () => Promise.reject(new GatewayError('connection', 'It refused the connection. Is the port right?')),
      /port right\?/,
    ],
    ['it has moved', reply(301), /HTTP 301/],
    ['it fails', reply(503), /HTTP 503/],
    ['it says "not modified" although nothing was cached', reply(304), /HTTP 304/],
    ['it sends a page', ok('<html>'), /something other/],
    ['it sends something else', ok('{"a": {"models": {}}}'), /something other/],
    ['the catalog is truncated', ok(models.slice(0, 2000)), /something other/],
    [
      'it sends too much',
      reply(
        200,
        {},
        Array.from({ length: 21 }, () => new Uint8Array(1024 * 1024)),
      ),
      /more than 20 MB/,
    ],
  ])('reports the failure and keeps its catalog when %s', async (_, answer, why) => {
    const before = open(answer);
    const { message, ...rest } = await before.refresh();
    expect(rest).toMatchObject({ outcome: 'failed', models: 0 });
    expect(message).toMatch(why);
    expect(message).toMatch(/[^.?!][.?!] CCR continues with what it has: its built-in table\.$/);
    await open(ok(), 'https://first.example/api.json').refresh();
    const kept = readFileSync(file(), 'utf8');
    const after = open(answer);
    expect(await after.refresh()).toMatchObject({ outcome: 'failed', models: 11, message: expect.stringMatching(why) });
    expect(after.logged.join()).toMatch(why);
    expect(after.catalog()).toBeDefined();
    expect(readFileSync(file(), 'utf8')).toBe(kept);
  });

  it('times out after ten seconds', async () => {
    const slow = open(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const refreshed = slow.refresh();
    slow.clock.advance(10_000);
    expect(await refreshed).toMatchObject({ outcome: 'failed', message: expect.stringContaining('within 10 s') });
  });

  it('shares one request between concurrent refreshes', async () => {
    const { refresh, calls } = open(ok());
    await Promise.all([refresh(), refresh()]);
    expect(calls).toHaveLength(1);
    await refresh();
    expect(calls).toHaveLength(2);
  });

  it.each(['{', '{}', '{"catalog": {"providers": {"a": 1}}}'])(
    'ignores an invalid file like %s, with a warning',
    async (text) => {
      mkdirSync(folder(), { recursive: true });
      writeFileSync(file(), text);
      const { catalog, logged, refresh } = open(ok());
      expect(catalog()).toBeUndefined();
      expect(logged).toEqual([expect.stringMatching(/^warn .*models\.dev\.json can't be used/)]);
      expect(await refresh()).toMatchObject({ outcome: 'updated' });
      expect(open(never).catalog()).toBeDefined();
    },
  );

  it('keeps the catalog in memory if its file can not be written', async () => {
    writeFileSync(path.join(home, '.claude-code-router'), 'a file where a folder should be');
    const { refresh, catalog, logged } = open(ok());
    expect(await refresh()).toMatchObject({ outcome: 'updated', models: 11 });
    expect(catalog()).toBeDefined();
    expect(logged.join()).toMatch(/warn .*can't be saved/);
  });
});
