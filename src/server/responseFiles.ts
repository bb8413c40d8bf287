import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../canonical/errors.ts';
import { codeOf } from '../config/files.ts';
import type { Clock } from '../gateway/clock.ts';
import type { ResponseShelf, ShelvedResponse } from '../gateway/storedResponses.ts';
import type { Log } from '../observe/log.ts';
import type { Sealer } from '../reasoning/sealer.ts';
import { digest } from '../reasoning/turnHash.ts';
import { openResponse, responseKeptMs, sealResponse } from './sealedResponse.ts';

export type ResponseFiles = ResponseShelf & {
  /** Resolves when everything is written, and stops looking for old files. */
  close(): Promise<void>;
};

export type ResponseFilesParts = {
  /** Created when there is something to keep. */
  folder: string;
  sealer: Sealer;
  clock: Clock;
  log: Pick<Log, 'warn'>;
  /** Of all files. Bytes. */
  maxBytes?: number;
};

/** Some 1,000 long conversations. Bytes. */
const usualMaxBytes = 128 * 1024 * 1024;

/** Waiting to be written; if the disk is slower, more are not kept in files. */
const maxWaiting = 100;

/** One after the other, a busy disk would fall behind. */
const mostAtOnce = 8;

const pruneEveryMs = 3_600_000;
const suffix = '.sealed';

/**
 * Stored responses in files: one for each, sealed, and named by a hash. Each is written once, off the request's path, so that
 * gateways of the same user can use one folder; and what a client deletes is gone at once. Read when a client continues it and it is
 * no longer in memory.
 */
export function createResponseFiles(parts: ResponseFilesParts): ResponseFiles {
  const { folder, sealer, clock, log, maxBytes = usualMaxBytes } = parts;
  const waiting = new Map<string, ShelvedResponse>();
  /** Until they are looked at again, the files are at most this much larger than they may be. Bytes. */
  let unlooked = 0;
  let isFailing = false;
  let hasFolder = false;
  let writing: Promise<void> | undefined;
  const fileOf = (id: string): string => path.join(folder, digest(id) + suffix);

  async function write(id: string, response: ShelvedResponse): Promise<void> {
    const sealed = await sealResponse(response, sealer);
    if (sealed === undefined || !waiting.has(id)) return;
    hasFolder ||= await makeFolder(folder);
    const draft = `${fileOf(id)}.${randomBytes(6).toString('hex')}`;
    await writeFile(draft, sealed, { mode: 0o600, flag: 'wx' });
    // Deleted in the meantime, if it is no longer waiting.
    if (waiting.has(id)) await rename(draft, fileOf(id));
    else await rm(draft, { force: true });
    if (!waiting.has(id)) await rm(fileOf(id), { force: true });
    unlooked += sealed.length;
    if (unlooked > maxBytes / 8) await prune();
  }

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) await Promise.all([...waiting].slice(0, mostAtOnce).map(writeOne));
    writing = undefined;
  }

  async function writeOne([id, response]: readonly [string, ShelvedResponse]): Promise<void> {
    await write(id, response).then(() => (isFailing = false), complain);
    if (waiting.get(id) === response) waiting.delete(id);
  }

  function complain(thrown: unknown): void {
    hasFolder = false;
    if (!isFailing) log.warn(`Stored responses are not kept over a restart: ${messageOf(thrown)}`);
    isFailing = true;
  }

  async function prune(): Promise<void> {
    unlooked = 0;
    await chmod(folder, 0o700);
    await removeOld(folder, { oldestMs: clock.now() - responseKeptMs, maxBytes });
  }

  function schedulePrune(): () => void {
    return clock.after(pruneEveryMs, () => {
      cancel = schedulePrune();
      void prune().catch(() => undefined);
    });
  }
  let cancel = schedulePrune();
  const pruned = prune().catch(() => undefined); // there is no folder yet

  return {
    put(id, response) {
      if (waiting.size >= maxWaiting) return;
      waiting.set(id, response);
      // After this turn of the event loop, with the end of the answer in it.
      writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(writeAll);
    },
    get: (id) => waiting.get(id) ?? read(fileOf(id), sealer),
    remove(id) {
      const isKnown = waiting.delete(id) || existsSync(fileOf(id));
      rmSync(fileOf(id), { force: true });
      return isKnown;
    },
    isGone: () => false,
    fetch: () => Promise.resolve(false),
    async close() {
      cancel();
      await pruned;
      await writing;
    },
  };
}

async function makeFolder(folder: string): Promise<true> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return true;
}

/** Undefined if there is none, or one that another key has sealed. */
function read(file: string, sealer: Sealer): ShelvedResponse | undefined {
  try {
    return openResponse(readFileSync(file, 'utf8'), sealer);
  } catch {
    return undefined;
  }
}

/** A draft that is older was left by a process that was killed. Milliseconds. */
const draftMs = 60_000;

/** Removes what is too old, and then the oldest until the rest is small enough. */
async function removeOld(
  folder: string,
  { oldestMs, maxBytes }: { oldestMs: number; maxBytes: number },
): Promise<void> {
  const found: { file: string; bytes: number; atMs: number }[] = [];
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const facts = await stat(file).catch(ignoreMissing);
    if (facts) found.push({ file, bytes: facts.size, atMs: facts.mtimeMs });
  }
  let bytes = 0;
  for (const { file, atMs, ...each } of found.toSorted((a, b) => b.atMs - a.atMs)) {
    const isDraft = !file.endsWith(suffix);
    bytes += each.bytes;
    if (bytes > maxBytes || atMs < (isDraft ? oldestMs + responseKeptMs - draftMs : oldestMs))
      await rm(file, { force: true });
  }
}

function ignoreMissing(thrown: unknown): undefined {
  if (codeOf(thrown) !== 'ENOENT') throw thrown;
}
