import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkUser, type GuardSettings } from '../../../src/server/guard.ts';
import { findUser, isOtherUser } from '../../../src/server/peerUser.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

/** What Linux 6.1 wrote, with both ends of each connection. */
const table = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0D80 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 110 1 0 100 0 0 10 0
   1: 0100007F:0D80 0100007F:A2C4 01 00000000:00000000 00:00000000 00000000     0        0 111 1 0 20 4 30 10 -1
   2: 0100007F:A2C4 0100007F:0D80 01 00000000:00000000 00:00000000 00000000  1001        0 112 1 0 20 4 30 10 -1
   3: 0000000000000000FFFF00000100007F:A2C6 0000000000000000FFFF00000100007F:0D80 01 00000000:00000000 00:00000000 00000000  1002        0 113 1 0
   4: 00000000000000000000000001000000:A2C8 00000000000000000000000001000000:0D80 01 00000000:00000000 00:00000000 00000000  1003        0 114 1 0
   5: 0100007F:A2CA 0100007F:0D80 04 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
`;

describe('findUser', () => {
  it.each([
    ['127.0.0.1', 0xa2c4, 1001],
    ['::ffff:127.0.0.1', 0xa2c6, 1002],
    ['127.0.0.1', 0xa2c6, 1002],
    ['::1', 0xa2c8, 1003],
    ['127.0.0.1', 0xa2ca, undefined],
    ['127.0.0.1', 1, undefined],
    ['10.0.0.1', 0xa2c4, undefined],
  ])('finds the user of %s:%i', (remoteAddress, remotePort, expected) => {
    expect(findUser({ remoteAddress, remotePort, localPort: 0x0d80 }, table)).toBe(expected);
  });
});

/** The accepted connection of a program that runs as `uid`. */
async function connectionOf(uid: number): Promise<Socket> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const script = `require('node:net').connect(${port}, '127.0.0.1').on('close', () => process.exit())`;
  const child = spawn('/proc/self/exe', ['-e', script], { uid, argv0: 'node', stdio: 'ignore' });
  const [socket] = (await once(server, 'connection')) as [Socket];
  cleanups.push(
    () => server.close(),
    () => socket.destroy(),
    () => void child.kill(),
  );
  return socket;
}

const settings: GuardSettings = {
  boundHost: '127.0.0.1',
  port: 1,
  allowedHosts: [],
  allowedOrigins: [],
  token: undefined,
  refuseOtherUsers: true,
};

describe.skipIf(process.platform !== 'linux')('isOtherUser', () => {
  it('is false for a program of the same user, and for another machine', async () => {
    const socket = await connectionOf(process.getuid?.() ?? 0);
    expect(isOtherUser(socket)).toBe(false);
    expect(checkUser({ socket }, settings)).toBeUndefined();
    expect(isOtherUser({ remoteAddress: '10.0.0.1', remotePort: 1, localPort: 1 })).toBe(false);
  });

  it('is true for a connection whose user is unknown', () => {
    expect(isOtherUser({ remoteAddress: '127.0.0.1', remotePort: 1, localPort: 1 })).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)('is true for a program of another user, which is refused', async () => {
    const socket = await connectionOf(12_345);
    expect(isOtherUser(socket)).toBe(true);
    expect(checkUser({ socket }, settings)).toMatchObject({ status: 403 });
    expect(checkUser({ socket }, { ...settings, refuseOtherUsers: false })).toBeUndefined();
    const { refuseOtherUsers: _, ...unset } = settings;
    expect(checkUser({ socket }, unset)).toBeUndefined();
    expect(checkUser({ socket }, { ...settings, token: 'checked before' })).toBeUndefined();
  });
});
