import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { createBoundedMap } from '../../canonical/boundedMap.ts';

/** `host` has no brackets. */
export type Address = { host: string; port: number };

export function addressOf({ protocol, hostname, port }: URL): Address {
  const standard = protocol === 'https:' ? 443 : protocol.startsWith('socks') ? 1080 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || standard };
}

/** @throws the signal's reason when aborted, or Node's error; the socket is destroyed then. */
export function openTcp(address: Address, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connectTcp({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  return whenReady(socket, 'connect', signal);
}

/** Starts TLS on a connection. `host` is the name in the certificate. Destroys the connection if that fails. */
export type StartTls = (socket: Socket, host: string, signal: AbortSignal) => Promise<Socket>;

/** More hosts than a config names. */
const maxSessions = 100;

/** Keeps sessions, so that the certificates of a known host are not sent and checked on each connection. */
export function createStartTls(): StartTls {
  let context: SecureContext | undefined;
  const sessions = createBoundedMap<string, Buffer>(maxSessions);
  return async (below, host, signal) => {
    context ??= createContext();
    const session = sessions.touch(host);
    const socket = connectTls({
      socket: below,
      host,
      ...(isIP(host) === 0 && { servername: host }),
      secureContext: context,
      ALPNProtocols: ['http/1.1'],
      ...(session && { session }),
    });
    socket.on('session', (fresh) => sessions.set(host, fresh));
    try {
      return await whenReady(socket, 'secureConnect', signal);
    } catch (thrown) {
      // A session that the host rejects must not be offered to it again.
      sessions.delete(host);
      below.destroy();
      throw thrown;
    }
  };
}

/** Created once and only when needed: reading the 100 or more certificates blocks all streams for 15 ms. */
function createContext(): SecureContext {
  return createSecureContext({ ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system')])] });
}

/** Resolves when the socket is connected. Otherwise nothing of it remains. */
function whenReady<Kind extends Socket>(
  socket: Kind,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Kind> {
  return new Promise((resolve, reject) => {
    const abort = (): void => fail(signal.reason);
    const close = (): void => fail(Object.assign(new Error('The connection was closed.'), { code: 'ECONNRESET' }));
    function settle(): void {
      signal.removeEventListener('abort', abort);
      socket.off(event, succeed).off('close', close).off('error', fail);
    }
    function succeed(): void {
      settle();
      resolve(socket);
    }
    function fail(reason: unknown): void {
      settle();
      socket.destroy();
      reject(reason as Error);
    }
    // Also between two owners an error of the socket must have a listener: without one, it ends the process.
    socket.on('error', () => undefined);
    socket.once(event, succeed).once('close', close).once('error', fail);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
