// Small writes are sent at once, to clients and to providers: with Nagle's algorithm, an event would wait up to 40 ms for the
// other side's acknowledgement of the one before.
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openTcp } from '../../../src/gateway/connect/openSocket.ts';
import { createBodyBudget } from '../../../src/server/bodyBudget.ts';
import { createHttpServer } from '../../../src/server/httpServer.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { openTcpServer } from '../../support/sockets.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Node keeps there what it has told the system, which can't be asked. */
function sendsAtOnce(socket: Socket): boolean {
  const name = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kSetNoDelay');
  return name !== undefined && (socket as unknown as Record<symbol, unknown>)[name] === true;
}

it('on the connections of clients', async () => {
  const unused = {} as never;
  const server = createHttpServer({
    gateway: unused,
    control: unused,
    pages: unused,
    metrics: unused,
    guard: () => unused,
    clientResponse: () => unused,
    bodies: createBodyBudget(1, createFakeClock()),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => void server.close());
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  cleanups.push(() => void client.destroy());
  const [accepted] = (await once(server, 'connection')) as [Socket];
  expect(sendsAtOnce(accepted)).toBe(true);
  expect(sendsAtOnce(client)).toBe(false);
});

it('on the connections to providers', async () => {
  const { port, close } = await openTcpServer();
  cleanups.push(close);
  const socket = await openTcp({ host: '127.0.0.1', port }, new AbortController().signal);
  cleanups.push(() => void socket.destroy());
  expect(sendsAtOnce(socket)).toBe(true);
});
