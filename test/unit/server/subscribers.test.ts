import { expect, it } from 'vitest';
import type { RequestView } from '../../../src/control/protocol.ts';
import { createSubscribers } from '../../../src/server/subscribers.ts';

const view = (id: string) => ({ id }) as RequestView;

it('keeps the last 1,000 requests, with cursors that go on after a restart', () => {
  const subscribers = createSubscribers(5000);
  for (let index = 1; index <= 1002; index++) subscribers.request(view(`r${index}`));
  const all = subscribers.recent({});
  expect([all.length, all[0], all.at(-1)]).toEqual([1000, { id: 'r3', cursor: 5003 }, { id: 'r1002', cursor: 6002 }]);
  expect(subscribers.recent({ after: 6000 }).map(({ id }) => id)).toEqual(['r1001', 'r1002']);
  expect(subscribers.recent({ after: 5010, limit: 1 }).map(({ id }) => id)).toEqual(['r11']);
  expect(subscribers.recent({ after: 7000 })).toEqual([]);
});

it('keeps the last 200 lines of the log for windows that attach later, and sends each new one', () => {
  const subscribers = createSubscribers(0);
  const told: unknown[] = [];
  for (let index = 1; index <= 201; index++) subscribers.log({ level: 'info', message: `line ${index}` });
  subscribers.subscribe((event) => void told.push(event));
  subscribers.log({ level: 'warn', message: 'Request failed.' });
  const lines = subscribers.logLines();
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([
    200,
    { level: 'info', message: 'line 3', cursor: 3 },
    { level: 'warn', message: 'Request failed.', cursor: 202 },
  ]);
  expect(told).toEqual([{ type: 'log', level: 'warn', message: 'Request failed.', cursor: 202 }]);
});
