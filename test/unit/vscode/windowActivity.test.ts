import { describe, expect, it } from 'vitest';
import type { RequestView } from '../../../src/control/protocol.ts';
import { createRequestFeed } from '../../../src/vscode/requestFeed.ts';
import { createStatusBoard } from '../../../src/vscode/statusBoard.ts';
import { createWindowActivity } from '../../../src/vscode/windowActivity.ts';
import { createFakeGateway, requestOf, stateOf } from './fakes.ts';

const dayMs = 24 * 3_600_000;

function setUp(kept: RequestView[] = []) {
  const board = createStatusBoard();
  const clock = { now: 10 * dayMs };
  const { client } = createFakeGateway();
  const link = { ...board, client: () => ({ ...client, requests: async () => kept }) };
  const feed = createRequestFeed(link, (error) => {
    throw error;
  });
  const activity = createWindowActivity({ feed, scope: 'window', now: () => clock.now, onChange() {} });
  const connect = async (): Promise<void> => {
    board.show({ kind: 'running', isOwner: true, state: stateOf({ startedAt: 1 }), url: 'u', token: undefined });
    await new Promise(setImmediate);
  };
  return { board, clock, activity, connect };
}
const finished = (cursor: number, changes: Partial<RequestView> = {}): RequestView =>
  requestOf({
    cursor,
    id: `req_${cursor}`,
    startedAt: 10 * dayMs,
    inputTokens: 10,
    outputTokens: 2,
    costUsd: 0.5,
    ...changes,
  });

describe('a window’s activity', () => {
  it('sums the requests of today, those from before the window connected included, each once', async () => {
    const { board, activity, connect } = setUp([
      finished(1),
      finished(2, { error: 'refused' }),
      finished(3, { startedAt: 0 }),
    ]);
    await connect();
    board.report(finished(2));
    board.report(finished(4));
    expect(activity.today()).toEqual({ requests: 3, failed: 1, inputTokens: 30, outputTokens: 6, costUsd: 1.5 });
  });

  it('counts a request that ends while the kept ones are read', async () => {
    const { board, activity, connect } = setUp([finished(1), finished(2)]);
    const connected = connect();
    board.report(finished(3));
    await connected;
    expect(activity.today().requests).toBe(3);
  });

  it('starts from zero the next day', async () => {
    const { board, clock, activity } = setUp();
    board.report(finished(1));
    clock.now += dayMs;
    expect(activity.today().requests).toBe(0);
  });

  it('has the latest request of its own window', () => {
    const { board, activity } = setUp();
    board.report(finished(1, { scope: 'window' }));
    board.report(finished(2, { scope: 'other' }));
    expect(activity.last()?.id).toBe('req_1');
  });
});
