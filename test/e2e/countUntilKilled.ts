import { systemClock } from '../../src/gateway/clock.ts';
import { createLog } from '../../src/observe/log.ts';
import { openKeptFigures } from '../../src/server/keptFigures.ts';

// A process for killed.test.ts: counts in files, says how far it got, and never ends by itself.

const [homeDirectory = ''] = process.argv.slice(2);
const labels = { tier: 'one', model: 'one,m', class: 'main', client: 'codex', preset: '', conversation: 'c' };
const log = createLog(
  () => 'warn',
  (_, message) => process.stderr.write(`${message}\n`),
);
const { figures } = openKeptFigures({ mode: 'file', homeDirectory, clock: systemClock, log, others: {} });
setInterval(() => {
  for (let n = 0; n < 500; n++) figures.attempted(labels, undefined);
  process.stdout.write(`${figures.groups('tier')[0]?.counts.requests ?? 0}\n`);
}, 5);
