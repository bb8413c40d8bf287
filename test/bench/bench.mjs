// `npm run bench`: what CCR costs, as ratios to a byte pipe that runs beside it.
import { parseArgs } from 'node:util';
import { closeClient } from './client.mjs';
import { runCpuSuite } from './cpuSuite.mjs';
import { pairs, projectFolder, startProvider } from './subjects.mjs';
import { readShape } from './wires.mjs';

const { values } = parseArgs({
  options: {
    ccr: { type: 'string', multiple: true, default: [projectFolder] },
    shapes: { type: 'string', default: '200x35x16,200x35x1,200x35x1p100,200x560x16' },
    pairs: { type: 'string', default: Object.keys(pairs).join(',') },
    rounds: { type: 'string', default: '7' },
    'warm-up': { type: 'string', default: '1500' },
    body: { type: 'string', default: '2' },
    'at-once': { type: 'string', default: '1' },
  },
});

const provider = await startProvider();
try {
  await runCpuSuite(provider.url, {
    checkouts: values.ccr,
    shapes: values.shapes.split(',').map((shape) => readShape(`s${shape}`)),
    pairNames: values.pairs.split(',').map(pairOf),
    rounds: Number(values.rounds),
    warmUpMs: Number(values['warm-up']),
    bodyKb: Number(values.body),
    atOnce: Number(values['at-once']),
    print: (line) => console.log(line),
  });
} finally {
  await provider.stop();
  await closeClient();
}

function pairOf(name) {
  const found = Object.keys(pairs).find((pair) => pair.toLowerCase() === name.trim().toLowerCase());
  if (!found) throw new Error(`No pair is called ${name}. There are: ${Object.keys(pairs).join(', ')}.`);
  return found;
}
