import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Creates a folder that only its owner can read, or restricts an existing one. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

type AtomicWriteOptions = {
  /** Permissions of the file, independent of the umask. */
  mode: number;
  /** Fail with EEXIST instead of replacing an existing file. */
  keepExisting?: boolean;
};

/**
 * Writes a draft beside the file and then renames it, so that a reader sees the old content or the new, never a part. An
 * existing file or link at this path is replaced with its permissions; a link's target is not written to.
 * @throws what node:fs throws; no draft is left behind.
 */
export function writeFileAtomically(
  file: string,
  text: string,
  { mode, keepExisting = false }: AtomicWriteOptions,
): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, text, { mode, flag: 'wx' });
    chmodSync(draft, mode);
    if (keepExisting) linkSync(draft, file);
    else renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}
