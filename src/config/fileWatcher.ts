import { statSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Which version of each file is there, in the order of the files. Compare by value. */
export type FileVersions = string;

/** Of files that need not exist. */
export function fileVersions(files: readonly string[]): FileVersions {
  return files.map((file) => versionOf(statSync(file, { throwIfNoEntry: false }))).join();
}

export type FileWatcher = { close(): void };

/**
 * Polls files, which need not exist, and calls `onChange` after each change since they were as `known`. Take `known`
 * before reading the files, or an edit made in between is missed. `every` calls back at each interval; the result ends it.
 */
export function watchFiles(
  files: readonly string[],
  known: FileVersions,
  onChange: () => void,
  every: (callback: () => void) => () => void = everySecond,
): FileWatcher {
  let last = known;
  let isPolling = false;
  let isClosed = false;

  async function poll(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
    isPolling = false;
    const now = found.map(versionOf).join();
    if (isClosed || now === last) return;
    last = now;
    onChange();
  }

  const end = every(() => void poll());
  return {
    close() {
      isClosed = true;
      end();
    },
  };
}

function everySecond(callback: () => void): () => void {
  const timer = setInterval(callback, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

function versionOf(stats: Stats | undefined): string {
  return stats ? `${stats.mtimeMs}/${stats.size}/${stats.ino}` : 'missing';
}
