import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>;

/** Linux lists the TCP connections of this machine with their users: https://docs.kernel.org/networking/proc_net_tcp.html */
const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

const known = new WeakMap<Peer, number | undefined>();

/**
 * Whether the other end of a connection belongs to another user of this machine. Also true if its user is unknown: the entry
 * of a program that has closed its end says nothing. Always false for other machines, and where the system is not Linux.
 */
export function isOtherUser(peer: Peer): boolean {
  if (process.platform !== 'linux' || hexAddresses(peer.remoteAddress ?? '').length === 0) return false;
  if (!known.has(peer)) known.set(peer, findUser(peer, readTables()));
  return known.get(peer) !== process.getuid?.();
}

function readTables(): string {
  return tables.map(readTable).join('\n');
}

function readTable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A kernel without IPv6 has only one of them.
    return '';
  }
}

/** The user id of the program at the other end. `text` is what the kernel's tables say. */
export function findUser(
  { remoteAddress = '', remotePort = 0, localPort = 0 }: Peer,
  text: string,
): number | undefined {
  const ends = hexAddresses(remoteAddress).map((address) => `${address}:${hexPort(remotePort)}`);
  for (const line of text.split('\n')) {
    const [, local = '', remote = '', , , , , user, , inode] = line.trim().split(/\s+/);
    // A connection that no program has open any more has no inode, and is listed with user 0.
    if (ends.includes(local) && remote.endsWith(`:${hexPort(localPort)}`) && inode !== '0') return Number(user);
  }
  return undefined;
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

const mappedPrefix = '0000000000000000FFFF0000';

/** How the tables write a loopback address: words of 32 bits in the order of the machine. None for other addresses. */
function hexAddresses(address: string): string[] {
  if (address === '::1') return ['00000000000000000000000001000000'];
  const octets = address.replace(/^::ffff:/, '').split('.');
  if (octets[0] !== '127' || octets.length !== 4) return [];
  const hex = octets.map((octet) => Number(octet).toString(16).toUpperCase().padStart(2, '0')).toReversed();
  // The second one is that of a program that connected over a socket of version 6.
  return [hex.join(''), mappedPrefix + hex.join('')];
}
