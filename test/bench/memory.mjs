// Resident memory of a gateway: after its start, after thousands of requests, and at rest again.
import { setTimeout as wait } from 'node:timers/promises';
import { askMany } from './client.mjs';
import { residentMb } from './process.mjs';
import { requestBody } from './requests.mjs';
import { pairs, startCcr, startPipe } from './subjects.mjs';
import { paths, shapeName } from './wires.mjs';

/** A gateway collects what its start has left, and V8 returns the pages some seconds later. */
const idleMs = 12_000;
/** Megabytes. */
const goals = { idle: 90, loaded: 150, rested: 110 };

export async function runMemorySuite(
  providerUrl,
  { checkouts, shapes, pairNames, bodyKb, atOnce, requests, restMs, print },
) {
  const [shape] = shapes;
  print(
    `\nResident memory in MB: idle, after ${requests} requests (${shapeName(shape)}, ${bodyKb} KB, ${atOnce} at once), ${restMs / 1000} s later`,
  );
  const measure = async (name, subject, ask, isJudged) => {
    try {
      await wait(idleMs);
      const idle = residentMb(subject.pid);
      await ask(subject);
      const loaded = residentMb(subject.pid);
      await wait(restMs);
      const rested = residentMb(subject.pid);
      const figures = { idle, loaded, rested };
      const text = Object.entries(figures).map(([stage, mb]) => {
        const verdict = isJudged ? ` ${mb <= goals[stage] ? '✔' : '✘'} ≤ ${goals[stage]}` : '';
        return `${stage} ${mb.toFixed(0)}${verdict}`;
      });
      print(`  ${name.padEnd(34)} ${text.join('   ')}`);
      return { suite: 'memory', name, ...figures };
    } finally {
      await subject.stop();
    }
  };
  const request = (url, dialect, target) => {
    const body = requestBody(dialect, `${target},${shapeName(shape)}`, bodyKb * 1000);
    return { url, path: paths[dialect], body, leastBytes: 1 };
  };
  const results = [
    await measure('pipe', await startPipe(providerUrl), ({ url }) =>
      askMany(request(url, 'chat', 'pipe'), requests, atOnce),
    ),
  ];
  for (const checkout of checkouts) {
    const askAll = async ({ url }) => {
      for (const pair of pairNames) {
        const { client, target } = pairs[pair];
        await askMany(request(url, client, target), Math.ceil(requests / pairNames.length), atOnce);
      }
    };
    const gateway = await startCcr(providerUrl, shapes, { checkout });
    results.push(await measure(`CCR, ${pairNames.length} pairs`, gateway, askAll, true));
  }
  return results;
}
