// `npm run soak`: many mixed requests to one gateway process, which must keep neither memory nor streams nor handles. Fails if it
// does. Prints the figures over time. Needs a build, and Linux.
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median } from './cpu.mjs';
import { residentMb } from './process.mjs';
import { createSoakClients, faultyModels, soakShapes } from './soakClients.mjs';
import { startProbedCcr, startProvider } from './subjects.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    seconds: { type: 'string', default: '86400' },
    'at-once': { type: 'string', default: '16' },
  },
});
const requests = Number(values.requests);
const samplesWanted = 40;
/** How much more memory the last quarter may have than the one before: a share, and megabytes for what is seldom collected. */
const allowedGrowth = { share: 0.05, residentMb: 24, heapMb: 8 };
const settleMs = 20_000;
/** Sockets that are kept open for a while, and files of the moment. */
const allowedHandles = 4;
const mostProblems = 20;

const handlesOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;

async function sampleOf(gateway, done) {
  const resident = residentMb(gateway.pid);
  const { heapMb, resources } = await gateway.collect();
  return { done, residentMb: resident, heapMb, handles: handlesOf(gateway.pid), resources };
}

function print({ done, ...figures }) {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(0).padStart(4)}`);
  console.log(`${String(done).padStart(8)} requests   ${text.join('   ')}`);
}

/** Sends all requests; returns the samples and what went wrong. */
async function load(gateway, clients) {
  const problems = [];
  const samples = [];
  const deadline = Date.now() + Number(values.seconds) * 1000;
  const every = Math.max(1, Math.floor(requests / samplesWanted));
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < requests && Date.now() < deadline && problems.length < mostProblems) {
      await clients.ask(next++).catch(({ message }) => problems.push(message));
      done++;
      if (done % every !== 0) continue;
      samples.push(await sampleOf(gateway, done));
      print(samples.at(-1));
    }
  };
  await Promise.all(Array.from({ length: Number(values['at-once']) }, work));
  return { samples, problems, done };
}

/** Compares the third quarter with the last: the first half is for compilation and caches. */
function growthProblems(samples) {
  const from = (share) => Math.floor(samples.length * share);
  const quarters = [samples.slice(from(0.5), from(0.75)), samples.slice(from(0.75))];
  const heap = (quarter) => Math.min(...quarter.map(({ heapMb }) => heapMb));
  const resident = (quarter) => median(quarter.map((sample) => sample.residentMb));
  return [
    // The least of a quarter has the least of the requests that were open.
    ...growthOf('heapMb', quarters.map(heap)),
    ...growthOf('residentMb', quarters.map(resident)),
  ];
}

function growthOf(name, [before, after]) {
  const limit = before * (1 + allowedGrowth.share) + allowedGrowth[name];
  return after > limit ? [`${name} grew from ${before.toFixed(0)} to ${after.toFixed(0)} in the second half`] : [];
}

async function metric(url, name) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
}

/** What is still open after the clients are gone. */
async function leftOpen(gateway, provider, handlesBefore) {
  const open = {
    'requests of the gateway': await metric(gateway.url, 'ccr_active_requests'),
    'streams of the gateway': await metric(gateway.url, 'ccr_active_streams'),
    'answers of the provider': Number(await (await fetch(`${provider.url}/open`)).text()),
    handles: Math.max(0, handlesOf(gateway.pid) - handlesBefore - allowedHandles),
  };
  return Object.entries(open).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name} are still open`]));
}

async function untilClosed(gateway, provider, handlesBefore) {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const left = await leftOpen(gateway, provider, handlesBefore);
    if (left.length === 0 || Date.now() > deadline) return left;
    await wait(250);
  }
}

const provider = await startProvider();
const gateway = await startProbedCcr(provider.url, soakShapes, { models: faultyModels });
const clients = createSoakClients(gateway.url);
try {
  await wait(1500);
  const handlesBefore = handlesOf(gateway.pid);
  print(await sampleOf(gateway, 0));
  const logged = gateway.output.length;
  const { samples, problems, done } = await load(gateway, clients);
  await clients.close();
  problems.push(...(await untilClosed(gateway, provider, handlesBefore)), ...growthProblems(samples));
  problems.push(...gateway.output.slice(logged).map((line) => `The gateway logged an error: ${line}`));
  print(await sampleOf(gateway, done));
  for (const problem of problems.slice(0, mostProblems)) console.log(`✘ ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`✔ ${done} requests: memory is flat, nothing is left open, no unexpected error`);
} finally {
  await gateway.stop();
  await provider.stop();
}
