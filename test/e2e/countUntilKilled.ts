import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { RequestView } from '../../src/control/protocol.ts';
import { systemClock } from '../../src/gateway/clock.ts';
import { createLog } from '../../src/observe/log.ts';
import { createSealer, sealKeyBytes } from '../../src/reasoning/sealer.ts';
import { openKeptFigures } from '../../src/server/keptFigures.ts';
import { keptRequests } from '../../src/server/keptRequests.ts';
import { createResponseFiles } from '../../src/server/responseFiles.ts';
import { createSubscribers } from '../../src/server/subscribers.ts';

// A process for killed.test.ts: counts, records requests and stores responses in files, says how far it got, and never ends by itself.

const [homeDirectory = ''] = process.argv.slice(2);
const labels = { tier: 'one', model: 'one,m', class: 'main', client: 'codex', preset: '', conversation: 'c' };
const log = createLog(
  () => 'warn',
  (_, message) => process.stderr.write(`${message}\n`),
);
const subscribers = createSubscribers(Date.now());
const lists = { requests: keptRequests(subscribers) };
const { figures, list } = openKeptFigures({ mode: 'file', homeDirectory, clock: systemClock, log, others: {}, lists });
const sealer = createSealer(new Uint8Array(sealKeyBytes).fill(1), randomBytes);
const folder = path.join(homeDirectory, '.claude-code-router/state/responses');
const responses = createResponseFiles({ folder, sealer, clock: systemClock, log });

const numberOf = (id = 'r0') => Number(id.slice(1));
const record = { startedAt: 1, durationMs: 1, client: 'codex', dialect: 'openai-chat', attempts: [], stream: true };
const kept = subscribers.recent({}).map(({ id }) => numberOf(id));
const known = kept.at(-1) ?? 0;
/** Every record is there, up to the last one, and every response, up to the one before it at least. */
const isWhole = kept.every((number, index) => number === known - kept.length + 1 + index);
const lost = kept.slice(-100).filter((number) => !responses.get(`r${number}`));
let requests = known;
setInterval(() => {
  for (let n = 0; n < 500; n++) figures.attempted(labels, undefined);
  const id = `r${++requests}`;
  const view = { ...record, id, warnings: ['x'.repeat(1000)] };
  list('requests', subscribers.request(view as unknown as Omit<RequestView, 'cursor'>));
  responses.put(id, { messages: [], reply: { id, text: 'y'.repeat(1000) } });
  const count = figures.groups('tier')[0]?.counts.requests ?? 0;
  process.stdout.write(`${JSON.stringify({ count, known, requests, isWhole, lost })}\n`);
}, 5);
