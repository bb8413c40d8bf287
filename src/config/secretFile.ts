import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';

export type SecretFileOptions = {
  /** Larger files are refused. Bytes. */
  maxBytes: number;
  /** Refuse a symbolic link: for files that only CCR itself writes. */
  noLinks?: boolean;
};

/** `exposed`: other users of the machine can read the file. */
export type SecretFile = { bytes: Buffer; exposed: boolean };

/**
 * Reads a file that holds keys, or decides where keys are sent. Only a regular file is read: opening a pipe would wait for its
 * writer forever, and a device has no end.
 * @throws what node:fs throws, such as ENOENT, and an Error that says what to do about a file that others can change
 */
export function readSecretFile(file: string, { maxBytes, noLinks = false }: SecretFileOptions): SecretFile {
  // Windows has neither flag.
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
  const descriptor = openSync(file, O_RDONLY | O_NONBLOCK | (noLinks ? O_NOFOLLOW : 0));
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw Object.assign(new Error('EISDIR: it is a folder'), { code: 'EISDIR' });
    const problem = problemOf(file, stats, maxBytes);
    if (problem !== undefined) throw new Error(problem);
    return { bytes: readFileSync(descriptor), exposed: isReadableByOthers(stats) && isReachable(file) };
  } finally {
    closeSync(descriptor);
  }
}

/** What is needed of `Stats`. */
type Facts = Pick<Stats, 'mode' | 'uid' | 'gid' | 'size'> & { isFile(): boolean };

/** Why a file is not read, as the rest of a sentence; undefined if it can be. `user` is the id of the process's user. */
export function problemOf(file: string, stats: Facts, maxBytes: number, user = process.getuid?.()): string | undefined {
  if (!stats.isFile()) return 'it is not a regular file';
  if (stats.size > maxBytes) return `it is larger than ${Math.round(maxBytes / 1024)} KiB`;
  // Windows has no such permissions.
  if (user === undefined) return undefined;
  // For root every owner is an ordinary one: in a container, files of the host belong to a user that it does not know.
  if (user !== 0 && stats.uid !== user && stats.uid !== 0)
    return `it belongs to another user; run: sudo chown "$USER" "${file}"`;
  if ((stats.mode & 0o002) !== 0 || ((stats.mode & 0o020) !== 0 && !hasPrivateGroup(stats)))
    return `other users can change it; run: chmod 600 "${file}"`;
  return undefined;
}

/** Many systems give each user a group of the same number, and files that it can write. */
function hasPrivateGroup({ uid, gid }: Pick<Facts, 'uid' | 'gid'>): boolean {
  return uid === gid;
}

function isReadableByOthers(stats: Facts): boolean {
  if (process.getuid === undefined) return false;
  return (stats.mode & 0o004) !== 0 || ((stats.mode & 0o040) !== 0 && !hasPrivateGroup(stats));
}

/** Whether others can enter all folders above the file. */
function isReachable(file: string): boolean {
  for (let folder = path.dirname(path.resolve(file)); ; folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o011) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}
