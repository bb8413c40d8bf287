// Where a gateway process spends its CPU: a V8 profile of it, with the time per file of src.
import { readFileSync, readdirSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, resolve } from 'node:path';
import { askMany } from './client.mjs';
import { requestBody } from './requests.mjs';
import { pairs, startCcr, temporaryFolder } from './subjects.mjs';
import { paths, shapeName } from './wires.mjs';

const topFiles = 25;
const topFunctions = 40;

/** Profiles one pair with one shape of answer; returns the report as lines. */
export async function profilePair(providerUrl, pair, shape, { checkout, count, bodyKb }) {
  const folder = temporaryFolder();
  const nodeOptions = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder];
  const gateway = await startCcr(providerUrl, [shape], { checkout, nodeOptions });
  const { client, target } = pairs[pair];
  const body = requestBody(client, `${target},${shapeName(shape)}`, bodyKb * 1000);
  try {
    await askMany({ url: gateway.url, path: paths[client], body, leastBytes: 1 }, count, 1);
  } finally {
    // The profile is written when the process ends by itself.
    await gateway.stop();
  }
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (!file) throw new Error(`The gateway wrote no profile:\n${gateway.output.join('\n')}`);
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return describeProfile(profile, openMap(resolve(checkout, 'dist/cli.js')), { pair, shape, count });
}

function openMap(bundle) {
  const json = JSON.parse(readFileSync(`${bundle}.map`, 'utf8'));
  const map = new SourceMap(json);
  const texts = new Map(json.sources.map((source, index) => [source, (json.sourcesContent[index] ?? '').split('\n')]));
  return ({ url, lineNumber, columnNumber, functionName }) => {
    if (!url.endsWith(bundle)) return { file: url || functionName, name: functionName || '(anonymous)' };
    const { originalSource, originalLine } = map.findEntry(lineNumber, columnNumber);
    if (!originalSource) return { file: 'dist/cli.js', name: functionName };
    const line = texts.get(originalSource)?.[originalLine]?.trim() ?? '';
    return { file: shorten(originalSource), name: `:${originalLine + 1} ${line.slice(0, 70)}` };
  };
}

function shorten(source) {
  const [, inside] = /node_modules\/(.*)/.exec(source) ?? [];
  return inside ? `node_modules/${inside}` : source.replace(/^(\.\.\/)+/, '');
}

function describeProfile({ nodes, samples, timeDeltas }, locate, { pair, shape, count }) {
  const times = new Map();
  samples.forEach((id, index) => times.set(id, (times.get(id) ?? 0) + timeDeltas[index]));
  const files = new Map();
  const functions = new Map();
  let busy = 0;
  for (const { id, callFrame } of nodes) {
    const time = times.get(id) ?? 0;
    if (time === 0 || callFrame.functionName === '(idle)') continue;
    const { file, name } = locate(callFrame);
    busy += time;
    files.set(file, (files.get(file) ?? 0) + time);
    const key = `${file} ${name}`;
    functions.set(key, (functions.get(key) ?? 0) + time);
  }
  const table = (map, length) =>
    [...map]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, length)
      .map(
        ([key, time]) =>
          `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${(time / count / 1000).toFixed(3)} ms  ${key}`,
      );
  return [
    `${pair}, ${shapeName(shape)}, ${count} requests (with start-up and compilation): ${(busy / count / 1000).toFixed(2)} ms each`,
    '',
    'Self time by file ((program): native code and system calls)',
    ...table(files, topFiles),
    '',
    'Self time by function (place of its start)',
    ...table(functions, topFunctions),
  ];
}
