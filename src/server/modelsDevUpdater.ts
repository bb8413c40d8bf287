import { dayOf } from '../canonical/day.ts';
import { worded, wording, type Wording } from '../canonical/wording.ts';
import { messageOf } from '../canonical/errors.ts';
import { codeOf } from '../config/files.ts';
import type { CatalogRefresh } from '../control/protocol.ts';
import type { Clock } from '../gateway/clock.ts';
import type { Upstream, UpstreamReply } from '../gateway/upstream.ts';
import type { Log } from '../observe/log.ts';
import { describeLearnt, readModelsDev, type LearntCatalog } from '../providers/modelsDev.ts';
import type { CachedModelsDev, ModelsDevCache } from './modelsDevCache.ts';

export const modelsDevUrl = 'https://models.dev/api.json';

/** For the whole exchange, until the last byte. Milliseconds. */
const timeoutMs = 10_000;
/** The catalog had 2 MB in 2026. Bytes. */
const maxBytes = 20 * 1024 * 1024;

export type ModelsDevUpdater = {
  /** The last catalog fetched; undefined if none ever was. */
  catalog(): LearntCatalog | undefined;
  /** Fetches the catalog. Called only when a user asks for it. Concurrent calls share one request. Never rejects. */
  refresh(): Promise<CatalogRefresh>;
};

export type ModelsDevParts = {
  url: string;
  upstream(): Upstream;
  cache: ModelsDevCache;
  clock: Clock;
  log: Log;
};

export function createModelsDevUpdater(parts: ModelsDevParts): ModelsDevUpdater {
  let cached = parts.cache.load();
  let refreshing: Promise<CatalogRefresh> | undefined;

  async function refresh(): Promise<CatalogRefresh> {
    try {
      const { outcome, ...update } = await fetchCatalog(parts, cached?.url === parts.url ? cached.etag : undefined);
      const before = cached ?? { catalog: { providers: {} } };
      cached = { ...before, ...update, url: parts.url, askedAt: parts.clock.now() };
      save(parts, cached);
      const summary =
        outcome === 'updated'
          ? wording('The model catalog is up to date')
          : wording('The model catalog has not changed');
      return describeRefresh(outcome, summary, cached);
    } catch (thrown) {
      const why = messageOf(thrown);
      parts.log.warn(`The model catalog was not refreshed: ${why}`);
      const sentence = /[.?!]$/.test(why) ? why : `${why}.`;
      const summary = wording('The model catalog was not refreshed: {0} CCR continues with what it has', sentence);
      return describeRefresh('failed', summary, cached);
    }
  }

  return {
    catalog: () => cached?.catalog,
    refresh: () => (refreshing ??= refresh().finally(() => (refreshing = undefined))),
  };
}

function save({ cache, log }: ModelsDevParts, cached: CachedModelsDev): void {
  try {
    cache.save(cached);
  } catch (thrown) {
    log.warn(`The model catalog can't be saved for the next start: ${codeOf(thrown)}.`);
  }
}

function describeRefresh(
  outcome: CatalogRefresh['outcome'],
  summary: Wording,
  cached: CachedModelsDev | undefined,
): CatalogRefresh {
  if (!cached) return { outcome, ...worded(wording('{0}: its built-in table.', summary)), models: 0, providers: 0 };
  const { models, providers, newest } = describeLearnt(cached.catalog);
  const fetchedOn = dayOf(cached.askedAt);
  const said = wording(
    '{0}: {1} models of {2} providers, fetched from models.dev on {3}; the newest entry is dated {4}.',
    summary,
    models,
    providers,
    fetchedOn,
    newest ?? '-',
  );
  return { outcome, ...worded(said), models, providers, newest };
}

type Fetched = { outcome: 'unchanged' } | ({ outcome: 'updated' } & Pick<CachedModelsDev, 'catalog' | 'etag'>);

/** @throws Error with a message for users. */
async function fetchCatalog({ url, upstream, clock }: ModelsDevParts, etag: string | undefined): Promise<Fetched> {
  const { host } = new URL(url);
  const limit = new AbortController();
  const cancel = clock.after(timeoutMs, () =>
    limit.abort(new Error(`${host} did not answer within ${timeoutMs / 1000} s.`)),
  );
  try {
    const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) };
    const reply = await upstream().send({ method: 'GET', url, headers, body: '', signal: limit.signal });
    if (reply.status === 304 && etag !== undefined) return { outcome: 'unchanged' };
    if (reply.status !== 200) throw new Error(`${host} answered with HTTP ${reply.status}.`);
    const catalog = readModelsDev(parseJson(await readText(reply, host)));
    if (!catalog) throw new Error(`${host} answered with something other than a model catalog.`);
    const version = reply.headers['etag'];
    return { outcome: 'updated', catalog, etag: typeof version === 'string' ? version : undefined };
  } catch (thrown) {
    throw limit.signal.aborted ? limit.signal.reason : thrown;
  } finally {
    cancel();
    // Closes the connection if the body was not read to its end.
    limit.abort();
  }
}

async function readText({ body }: UpstreamReply, host: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`${host} answered with more than ${maxBytes / 1024 / 1024} MB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
