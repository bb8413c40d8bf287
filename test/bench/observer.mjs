// What it costs to count and record a request: metrics, usage by time and label, the record, its file and its line in the log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A hundredth of the CPU of a streamed request. Microseconds. */
const goalUs = 20;
const rounds = 4;
const requests = 20_000;
/** Between two turns of the event loop. */
const atOnce = 20;

/** CPU of one request's observer, the fewest of some rounds: what disturbs the machine only adds. With `file`, all is kept. */
export async function runObserverSuite(_, { print }) {
  print('\nCPU of counting and recording a request');
  const figures = {};
  for (const mode of ['none', 'file']) {
    const home = mkdtempSync(join(tmpdir(), 'ccr-observer-'));
    figures[mode] = await measure(mode, home);
    rmSync(home, { recursive: true });
    const verdict = `${figures[mode] <= goalUs ? '✔' : '✘'} goal ≤ ${goalUs} µs`;
    print(`  ${`Persistence.mode ${mode}`.padEnd(34)} ${figures[mode].toFixed(1)} µs   ${verdict}`);
  }
  return [{ suite: 'observer', figures }];
}

async function measure(mode, homeDirectory) {
  const { createObserver } = await import('../../src/gateway/observer.ts');
  const { describeRecord } = await import('../../src/gateway/record.ts');
  const { systemClock: clock } = await import('../../src/gateway/clock.ts');
  const { createMetrics } = await import('../../src/observe/metrics.ts');
  const { openKeptFigures } = await import('../../src/server/keptFigures.ts');
  const { keptRequests } = await import('../../src/server/keptRequests.ts');
  const { toRequestView } = await import('../../src/server/stateView.ts');
  const { createSubscribers } = await import('../../src/server/subscribers.ts');
  const log = { warn: console.error, info() {}, error() {}, debug() {} };
  const subscribers = createSubscribers(Date.now());
  const lists = { requests: keptRequests(subscribers) };
  const kept = openKeptFigures({ mode, homeDirectory, clock, log, others: {}, lists });
  const metrics = createMetrics(() => [], kept.figures);
  const observer = createObserver({ metrics, figures: kept.figures }, (record) =>
    kept.list('requests', subscribers.request(toRequestView(record, () => undefined))),
  );
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let count = 0; count < requests; count++) {
      const record = recordOf(count);
      observer.started(record, {});
      observer.attempted(record.attempts[0], record.target, record);
      observer.finished(record);
      describeRecord(record);
      if (count % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // Until all is written.
    await wait(500);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / requests);
  }
  kept.close();
  return best;
}

function recordOf(count) {
  const target = { provider: 'one', model: 'm', tier: 'one' };
  const startedAt = Date.now();
  return {
    id: `req_${count}`,
    startedAt,
    durationMs: 1200,
    firstContentMs: 300,
    client: 'codex',
    dialect: 'openai-responses',
    model: 'gpt-5',
    stream: true,
    conversation: `c${count % 50}`,
    intent: { class: 'main' },
    estimate: { messages: 1000, system: 200, tools: 300, total: 1500 },
    reason: 'default',
    route: {
      matched: target,
      candidates: [{ target, position: 'ordered', contextWindow: 200_000, inputTokens: 1500 }],
    },
    target,
    attempts: [{ target: 'one,m', startedAt, durationMs: 300 }],
    warnings: [],
    usage: { inputTokens: 1500, outputTokens: 300, cacheReadTokens: 1000 },
    costUsd: 0.01,
    withoutPrompt: (text) => text,
  };
}
