import type { Socket } from 'node:net';
import type { Address } from './openSocket.ts';

// SOCKS version 5: RFC 1928, and RFC 1929 for user name and password.

const version = 5;
const withoutAuthentication = 0;
const withPassword = 2;

/** What each code of a reply means. */
const replies: Record<number, string> = {
  1: 'it failed',
  2: 'its rules do not allow the connection',
  3: 'the network is unreachable',
  4: 'the host is unreachable',
  5: 'the host refused the connection',
  6: 'it took too long',
};

/** Why a SOCKS proxy did not open a connection. */
export class SocksError extends Error {
  override readonly name = 'SocksError';
}

/** Asks the proxy on `socket` for a connection to `address`. @throws SocksError, or the signal's reason when aborted. */
export async function openThroughSocks(
  socket: Socket,
  { host, port }: Address,
  { username, password }: Pick<URL, 'username' | 'password'>,
  signal: AbortSignal,
): Promise<Socket> {
  const read = createReader(socket, signal);
  const methods = username === '' ? [withoutAuthentication] : [withoutAuthentication, withPassword];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  const [, method] = await read(2);
  if (method === withPassword && username !== '') {
    const [user, secret] = [username, password].map((text) => Buffer.from(decodeURIComponent(text)));
    socket.write(Buffer.concat([Buffer.from([1]), sized(user), sized(secret)]));
    const [, status] = await read(2);
    if (status !== 0) throw new SocksError('it does not accept the user name and password');
  } else if (method !== withoutAuthentication) {
    throw new SocksError('it wants a user name and a password');
  }
  // The name is resolved by the proxy, which may be the only one that can.
  const target = Buffer.concat([sized(Buffer.from(host)), Buffer.from([port >> 8, port & 0xff])]);
  socket.write(Buffer.concat([Buffer.from([version, 1, 0, 3]), target]));
  const [, reply = 1, , kind] = await read(4);
  if (reply !== 0) throw new SocksError(replies[reply] ?? `it answered with code ${reply}`);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(1))[0] ?? 0);
  await read(length + 2);
  return socket;
}

function sized(bytes: Buffer | undefined = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([bytes.length & 0xff]), bytes.subarray(0, 255)]);
}

/** Reads exactly as many bytes as asked for, and leaves the rest in the socket. */
function createReader(socket: Socket, signal: AbortSignal): (size: number) => Promise<Buffer> {
  return async (size) => {
    for (;;) {
      const bytes = socket.read(size) as Buffer | null;
      if (bytes?.length === size) return bytes;
      await readable(socket, signal);
    }
  };
}

function readable(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    function settle(act: () => void): void {
      signal.removeEventListener('abort', abort);
      socket.off('readable', ready).off('close', close);
      act();
    }
    const ready = (): void => settle(resolve);
    const abort = (): void => settle(() => reject(signal.reason as Error));
    const close = (): void => settle(() => reject(new SocksError('it closed the connection')));
    socket.once('readable', ready).once('close', close);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else if (socket.destroyed || socket.readableEnded) close();
  });
}
