import { createServer, type Server } from 'node:net';

/** Another program uses the port. `suggestedPort` is one that was free just now. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly port: number;
  readonly suggestedPort: number | undefined;

  constructor(port: number, suggestedPort: number | undefined) {
    super(`Port ${port} is in use by another program.`);
    this.port = port;
    this.suggestedPort = suggestedPort;
  }
}

/** How many ports to try for a suggestion. */
const searchLength = 50;

/** Resolves with the port that the server listens on. @throws PortInUseError, or Node's error if the address is not available. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    return await tryListen(server, port, host);
  } catch (thrown) {
    if (!isInUse(thrown)) throw thrown;
    throw new PortInUseError(port, await findFreePort(port + 1, host));
  }
}

function tryListen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: host.replace(/^\[|\]$/g, '') }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** The first free port from `start`. */
async function findFreePort(start: number, host: string): Promise<number | undefined> {
  for (let port = start; port < Math.min(start + searchLength, 65_536); port++) {
    const probe = createServer();
    const free = await tryListen(probe, port, host).then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => probe.close(resolve));
    if (free) return port;
  }
  return undefined;
}

/** Windows fails with EACCES for a port in a range that the system reserves. */
function isInUse(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return thrown.code === 'EADDRINUSE' || (thrown.code === 'EACCES' && process.platform === 'win32');
}
