// The suites besides CPU and memory: time to the first token, idle streams, start-up, and the delay of the event loop.
import { setTimeout as wait } from 'node:timers/promises';
import { Agent } from 'undici';
import { median } from './cpu.mjs';
import { residentMb } from './process.mjs';
import { requestBody } from './requests.mjs';
import { startCcr, startPipe, startProbedCcr } from './subjects.mjs';
import { paths, readShape, shapeName } from './wires.mjs';

/** Milliseconds, and how many times the pipe's. */
const latencyGoals = { overPipeMs: 0.6, tailRatio: 3 };
const latencyRounds = 15;
/** Requests of each subject before the first that counts: until the code of its path is compiled. */
const latencyWarmUp = 1500;
const latencyBlock = 20;
/** Kilobytes. */
const latencyBody = 40;
const idleStreams = 500;
const idleGoalKb = 20;
const startRuns = 5;
const delayGoalMs = 20;
const delayRuns = 7;
const bigBodies = 5;
const busyStreams = 100;

const short = readShape('s10x2x4');
/** It begins, and never ends. */
const held = `silent-${shapeName(short)}`;

const chatRequest = (url, model, bytes) => ({
  origin: url,
  path: paths.chat,
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
  body: requestBody('chat', model, bytes),
});

function quantile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];
}

function verdict(value, goal, unit) {
  return `${value <= goal ? '✔' : '✘'} goal ≤ ${Number(goal.toFixed(2))} ${unit}`;
}

/** From sending a request to the first bytes of its answer, one at a time: direct, through the pipe, through CCR. */
export async function runLatencySuite(providerUrl, { print }) {
  const pipe = await startPipe(providerUrl);
  const gateway = await startCcr(providerUrl, [short]);
  const agent = new Agent({ connections: 1 });
  const model = `chat,${shapeName(short)}`;
  const urls = { direct: providerUrl, pipe: pipe.url, CCR: gateway.url };
  const times = { direct: [], pipe: [], CCR: [] };
  const one = async (name) => {
    const request = chatRequest(urls[name], model, latencyBody * 1000);
    const started = performance.now();
    const { body } = await agent.request(request);
    let first;
    for await (const _chunk of body) first ??= performance.now() - started;
    return first;
  };
  try {
    for (const name of Object.keys(urls)) for (let count = 0; count < latencyWarmUp; count++) await one(name);
    for (let round = 0; round < latencyRounds; round++) {
      for (const name of Object.keys(urls)) {
        for (let count = 0; count < latencyBlock; count++) times[name].push(await one(name));
      }
    }
  } finally {
    await Promise.all([agent.close(), pipe.stop(), gateway.stop()]);
  }
  print(`\nTime to the first token, requests of ${latencyBody} KB, one at a time`);
  const figures = Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, { p50: quantile(all, 0.5), p99: quantile(all, 0.99) }]),
  );
  for (const [name, { p50, p99 }] of Object.entries(figures)) {
    const goals =
      name === 'CCR'
        ? `  ${verdict(p50, figures.pipe.p50 + latencyGoals.overPipeMs, 'ms')}, ${verdict(p99, latencyGoals.tailRatio * figures.pipe.p99, 'ms')}`
        : '';
    print(`  ${name.padEnd(34)} p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms${goals}`);
  }
  return [{ suite: 'latency', figures }];
}

/** Opens `count` streams that send no more after their first event; returns what closes them. */
async function openStreams(url, model, count) {
  const agent = new Agent({ connections: count, bodyTimeout: 0 });
  const request = chatRequest(url, model, 2000);
  const open = async () => {
    const { body } = await agent.request(request);
    // Without a reader, the answer would be held back by backpressure.
    body.on('error', () => undefined).resume();
  };
  for (let opened = 0; opened < count; opened += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - opened) }, open));
  }
  return () => agent.destroy();
}

/** Resident memory of each open stream on which nothing happens. */
export async function runStreamsSuite(providerUrl, { print }) {
  print(`\nResident memory of each of ${idleStreams} idle streams`);
  const measure = async (subject) => {
    try {
      // Compiles the code first, and fills caches.
      (await openStreams(subject.url, `chat,${held}`, 100))();
      await wait(1500);
      const before = residentMb(subject.pid);
      const close = await openStreams(subject.url, `chat,${held}`, idleStreams);
      await wait(1000);
      const each = ((residentMb(subject.pid) - before) * 1000) / idleStreams;
      await close();
      return each;
    } finally {
      await subject.stop();
    }
  };
  const floor = await measure(await startPipe(providerUrl));
  const ours = await measure(await startCcr(providerUrl, [short], { models: [held] }));
  print(`  ${'pipe'.padEnd(34)} ${floor.toFixed(0)} KB`);
  print(`  ${'CCR'.padEnd(34)} ${ours.toFixed(0)} KB   ${verdict(ours, floor + idleGoalKb, 'KB')}`);
  return [{ suite: 'streams', floor, ours }];
}

/** From the start of the process to its URL. */
export async function runStartSuite(providerUrl, { print }) {
  print(`\nStart-up, median of ${startRuns}`);
  const measure = async (start) => {
    const times = [];
    for (let run = 0; run < startRuns; run++) {
      const subject = await start();
      times.push(subject.startMs);
      await subject.stop();
    }
    return median(times);
  };
  const floor = await measure(() => startPipe(providerUrl));
  const ours = await measure(() => startCcr(providerUrl, [short]));
  print(`  ${'pipe'.padEnd(34)} ${floor.toFixed(0)} ms`);
  print(`  ${'CCR'.padEnd(34)} ${ours.toFixed(0)} ms`);
  return [{ suite: 'start', floor, ours }];
}

/** The delay of the gateway's event loop while big requests arrive beside streams: of several gateways, since one run says little. */
export async function runDelaySuite(providerUrl, { print, checkouts }) {
  print(
    `\nDelay of the event loop, ${bigBodies} requests of 3.5 MB beside ${busyStreams} streams, median of ${delayRuns}`,
  );
  const results = [];
  for (const checkout of checkouts) {
    const runs = [];
    for (let run = 0; run < delayRuns; run++) runs.push(await measureDelay(providerUrl, checkout));
    const delays = runs.map(({ delayP99 }) => delayP99);
    const delayP99 = median(delays);
    const delayMost = median(runs.map(({ delayMost }) => delayMost));
    const range = `${Math.min(...delays).toFixed(1)} to ${Math.max(...delays).toFixed(1)}`;
    print(
      `  ${'CCR'.padEnd(34)} p99 ${delayP99.toFixed(1)} ms (${range})   most ${delayMost.toFixed(1)} ms   ${verdict(delayP99, delayGoalMs, 'ms')}`,
    );
    results.push({ suite: 'delay', delayP99, delayMost });
  }
  return results;
}

async function measureDelay(providerUrl, checkout) {
  const streamed = readShape('s200x35x1p100');
  const gateway = await startProbedCcr(providerUrl, [short, streamed], { checkout });
  const agent = new Agent({ connections: busyStreams + 2 });
  const drain = async (model, bytes) => {
    const { body } = await agent.request(chatRequest(gateway.url, model, bytes));
    await body.dump({ limit: Infinity });
  };
  try {
    for (let count = 0; count < 50; count++) await drain(`chat,${shapeName(short)}`, 40_000);
    await drain(`chat,${shapeName(short)}`, 3.5e6);
    await wait(1200);
    process.kill(gateway.pid, 'SIGWINCH');
    const over = new AbortController();
    const streams = Array.from({ length: busyStreams }, async () => {
      while (!over.signal.aborted) {
        await drain(`chat,${shapeName(streamed)}`, 2000);
        // Mostly waiting, as the streams of a model are.
        await wait(1000);
      }
    });
    for (let count = 0; count < bigBodies; count++) {
      await drain(`chat,${shapeName(short)}`, 3.5e6);
      await wait(500);
    }
    await wait(300);
    const { delayP99, delayMost } = gateway.probe();
    over.abort();
    await Promise.all(streams);
    return { delayP99, delayMost };
  } finally {
    await agent.destroy();
    await gateway.stop();
  }
}
