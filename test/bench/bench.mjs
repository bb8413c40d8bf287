// `npm run bench`: what CCR costs, as ratios to a byte pipe that runs beside it.
import { parseArgs } from 'node:util';
import { closeClient } from './client.mjs';
import { runCpuSuite } from './cpuSuite.mjs';
import { runMemorySuite } from './memory.mjs';
import { runEditorSuite } from './editor.mjs';
import { runObserverSuite } from './observer.mjs';
import { writeReport } from './report.mjs';
import { profilePair } from './profile.mjs';
import { pairs, projectFolder, startProvider } from './subjects.mjs';
import { runDelaySuite, runLatencySuite, runStartSuite, runStreamsSuite } from './suites.mjs';
import { readShape } from './wires.mjs';

const { values } = parseArgs({
  options: {
    ccr: { type: 'string', multiple: true, default: [projectFolder] },
    shapes: { type: 'string', default: '200x35x16,200x35x1,200x35x1p100,200x560x16' },
    pairs: { type: 'string', default: Object.keys(pairs).join(',') },
    rounds: { type: 'string', default: '7' },
    /** Milliseconds of CPU. V8 compiles a function well only after thousands of calls, and most are called once for each request. */
    'warm-up': { type: 'string', default: '24000' },
    body: { type: 'string', default: '2' },
    'at-once': { type: 'string', default: '1' },
    profile: { type: 'boolean', default: false },
    /** Writes docs/performance.md. */
    write: { type: 'boolean', default: false },
    /** A sentence about the machine, for that page. */
    note: { type: 'string' },
    requests: { type: 'string' },
    rest: { type: 'string', default: '120' },
    'ccr-rust': { type: 'string' },
    'claude-code-router': { type: 'string' },
    litellm: { type: 'string' },
    portkey: { type: 'string' },
    /** `memory` takes two minutes of rest for each gateway, and is not in it. */
    only: { type: 'string', default: 'start,latency,streams,delay,observer,editor,cpu' },
  },
});

/** What suites besides `cpu` have printed, for the page. */
const lines = [];
const print = (line) => {
  console.log(line);
  lines.push(line);
};
const options = {
  checkouts: values.ccr,
  shapes: values.shapes.split(',').map((shape) => readShape(`s${shape}`)),
  pairNames: values.pairs.split(',').map(pairOf),
  rounds: Number(values.rounds),
  warmUpMs: Number(values['warm-up']),
  bodyKb: Number(values.body),
  atOnce: Number(values['at-once']),
  requests: Number(values.requests ?? 6000),
  restMs: Number(values.rest) * 1000,
  places: values,
  print,
};
const suites = {
  start: runStartSuite,
  latency: runLatencySuite,
  streams: runStreamsSuite,
  delay: runDelaySuite,
  observer: runObserverSuite,
  editor: runEditorSuite,
  cpu: runCpuSuite,
  memory: runMemorySuite,
};

const provider = await startProvider();
try {
  if (values.profile) await profileAll();
  else await runSuites(values.only.split(','));
} finally {
  await provider.stop();
  await closeClient();
}

async function runSuites(names) {
  // The page would lose its tables.
  if (values.write && !names.includes('cpu')) throw new Error('--write needs the suite cpu.');
  let cpu = [];
  for (const name of names) {
    const before = lines.length;
    const results = await suites[name](provider.url, options);
    if (name !== 'cpu') continue;
    cpu = results;
    lines.splice(before);
  }
  const { rounds, 'warm-up': warmUp, body } = values;
  const settings = `${rounds} rounds after ${warmUp} ms of CPU as a warm-up, requests of ${body} KB, one at a time`;
  if (values.write) writeReport({ cpu, lines: lines.join('\n').trim().split('\n'), settings, note: values.note });
}

async function profileAll() {
  const { checkouts, shapes, pairNames, bodyKb } = options;
  const count = Number(values.requests ?? 2000);
  for (const pair of pairNames) {
    const lines = await profilePair(provider.url, pair, shapes[0], { checkout: checkouts[0], count, bodyKb });
    print(`${lines.join('\n')}\n`);
  }
}

function pairOf(name) {
  const found = Object.keys(pairs).find((pair) => pair.toLowerCase() === name.trim().toLowerCase());
  if (!found) throw new Error(`No pair is called ${name}. There are: ${Object.keys(pairs).join(', ')}.`);
  return found;
}
