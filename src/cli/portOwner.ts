import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The process that listens on a port. */
export type PortOwner = { pid: number; name: string };

/** The state LISTEN in /proc/net/tcp. */
const listening = '0A';

/** Finds the process that listens on a port of this machine. Works on Linux, for the user's own processes; else undefined. */
export function findPortOwner(port: number, platform: NodeJS.Platform, proc = '/proc'): PortOwner | undefined {
  if (platform !== 'linux') return undefined;
  const sockets = new Set(listeningInodes(port, proc).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  for (const entry of list(proc)) {
    if (!/^\d+$/.test(entry)) continue;
    const folder = `${proc}/${entry}/fd`;
    if (!list(folder).some((descriptor) => sockets.has(linkOf(`${folder}/${descriptor}`)))) continue;
    return { pid: Number(entry), name: nameOf(`${proc}/${entry}`) };
  }
  return undefined;
}

/** The name of the program. `comm` is the fallback: it names the thread, which for Node is "MainThread". */
function nameOf(folder: string): string {
  const program = linkOf(`${folder}/exe`).replace(/ \(deleted\)$/, '');
  return program.split('/').at(-1) || read(`${folder}/comm`).trim();
}

/** Lines of /proc/net/tcp: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`. */
function listeningInodes(port: number, proc: string): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['tcp', 'tcp6'].flatMap((table) => read(`${proc}/net/${table}`).split('\n').slice(1));
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(suffix) && state === listening && inode !== undefined ? [inode] : [];
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
