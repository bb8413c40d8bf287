import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import type { Clock } from '../gateway/clock.ts';
import { parseJson } from '../canonical/json.ts';

/** Another gateway has the folder. It may end soon: one that was replaced finishes its running requests first. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** A folder that one gateway writes to. */
export type FolderLock = {
  /** False once another gateway has taken the folder, which happens only if this process stood still for long. */
  isHeld(): boolean;
  release(): void;
};

/** How often the holder shows that it is there. Milliseconds. */
const beatMs = 2_000;
/** A holder that has not shown itself for so long is gone: its process id may belong to another program by now. Milliseconds. */
const staleMs = 10_000;

const holderSchema = z.object({ pid: z.int(), host: z.string(), token: z.string() });
type Holder = z.output<typeof holderSchema>;

/** @throws FolderInUse, or what node:fs throws. */
export function lockFolder(folder: string, clock: Clock): FolderLock {
  const file = path.join(folder, 'lock');
  const own: Holder = { pid: process.pid, host: hostname(), token: randomUUID() };
  const take = (): void => writeFileSync(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
  try {
    take();
  } catch (thrown) {
    const holder = readHolder(file);
    if (holder && isThere(file, holder, clock.now()))
      throw new FolderInUse(`Another gateway (pid ${holder.pid}) writes to ${folder}.`, { cause: thrown });
    rmSync(file, { force: true });
    take();
  }
  showPresence();

  const isHeld = (): boolean => readHolder(file)?.token === own.token;
  let cancel = clock.after(beatMs, beat);
  function beat(): void {
    if (!isHeld()) return;
    showPresence();
    cancel = clock.after(beatMs, beat);
  }
  function showPresence(): void {
    const seconds = clock.now() / 1000;
    try {
      utimesSync(file, seconds, seconds);
    } catch {
      // The file was removed: isHeld finds that out.
    }
  }

  return {
    isHeld,
    release() {
      cancel();
      if (isHeld()) rmSync(file, { force: true });
    },
  };
}

/** Undefined if the file is gone, or not from a gateway. */
function readHolder(file: string): Holder | undefined {
  try {
    return holderSchema.safeParse(parseJson(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function isThere(file: string, { pid, host }: Holder, nowMs: number): boolean {
  const seen = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (seen === undefined || nowMs - seen > staleMs) return false;
  return host !== hostname() || isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
