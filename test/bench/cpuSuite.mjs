// CPU per streamed request, for each shape of answer: every pair of dialects beside the pipe with the same answer.
import { basename } from 'node:path';
import { measureCpu, median } from './cpu.mjs';
import { requestBody } from './requests.mjs';
import { startRivals } from './rivals.mjs';
import { pairs, startCcr, startPipe } from './subjects.mjs';
import { answerFrames, leastPiece, paths, shapeName } from './wires.mjs';

/** How many times the pipe a request may cost, by the shape of the answer. */
const goals = {
  '200x35x16': { relay: 2.2, translated: 3.5 },
  '200x35x1': { relay: 1.4, translated: 2 },
  '200x560x16': { relay: 2.5, translated: 3.2 },
};

/** One process for the pipe and one for each pair of each checkout, so that none shares another's compiled code. */
async function startSubjects(providerUrl, options) {
  const { shapes, pairNames, checkouts } = options;
  const pipe = await startPipe(providerUrl);
  const gateways = await Promise.all(
    checkouts.flatMap((checkout) =>
      pairNames.map(async (pair) => ({ pair, checkout, process: await startCcr(providerUrl, shapes, { checkout }) })),
    ),
  );
  const others = await startRivals(providerUrl, options);
  return { pipe, gateways, others, all: [pipe, ...[...gateways, ...others].map(({ process }) => process)] };
}

/** The cells of one shape: a pipe for each dialect of a provider, then the gateways. */
function makeCells({ pipe, gateways, others }, shape, { bodyKb = 2, atOnce = 1, nameOf }) {
  const model = shapeName(shape);
  // Its text: pieces that arrive together may be passed on as one, without the wire around each.
  const leastBytes = shape.events * leastPiece;
  const request = (url, dialect, target, named = `${target},${model}`) => ({
    url,
    path: paths[dialect],
    body: requestBody(dialect, named, bodyKb * 1000),
    leastBytes,
  });
  const floors = [...new Set(gateways.map(({ pair }) => pairs[pair].provider))];
  return [
    ...floors.map((dialect) => ({
      name: `pipe, ${dialect}`,
      floor: `pipe, ${dialect}`,
      pid: pipe.pid,
      request: request(pipe.url, dialect, 'pipe'),
      atOnce,
    })),
    ...gateways.map(({ pair, checkout, process }) => ({
      name: nameOf(pair, checkout),
      floor: `pipe, ${pairs[pair].provider}`,
      kind: pairs[pair].kind,
      pid: process.pid,
      request: request(process.url, pairs[pair].client, pairs[pair].target),
      atOnce,
    })),
    ...others.map(({ name, pair, client, provider, model: nameModel, headers, process }) => ({
      name: `${pair}, ${name}`,
      floor: `pipe, ${provider}`,
      pid: process.pid,
      request: { ...request(process.url, client, 'some', nameModel(model)), headers },
      atOnce,
    })),
  ];
}

export async function runCpuSuite(providerUrl, options) {
  const { shapes, checkouts, warmUpMs, print } = options;
  const labels = checkouts.map((checkout, index) => (checkouts.length > 1 ? ` ${label(checkout, index)}` : ''));
  const nameOf = (pair, checkout) => `${pair}${labels[checkouts.indexOf(checkout)]}`;
  const subjects = await startSubjects(providerUrl, options);
  const results = [];
  try {
    for (const [index, shape] of shapes.entries()) {
      const cells = makeCells(subjects, shape, { ...options, nameOf });
      const measured = await measureCpu(cells, { ...options, warmUpMs: index === 0 ? warmUpMs : warmUpMs / 4 });
      print(heading(shape, options));
      for (const cell of cells) {
        const result = describe(cell, shape, measured.get(cell.name));
        results.push(result);
        print(row(result));
      }
    }
  } finally {
    await Promise.all(subjects.all.map(({ stop }) => stop()));
  }
  return results;
}

function label(checkout, index) {
  return `[${'ABCDEFG'[index]} ${basename(checkout)}]`;
}

function describe({ name, kind }, shape, { ms, ratios }) {
  const goal = kind && goals[shapeName(shape).slice(1)]?.[kind];
  const ratio = median(ratios);
  return {
    name,
    shape: shapeName(shape),
    ms: median(ms),
    ratio,
    least: Math.min(...ratios),
    most: Math.max(...ratios),
    ...(goal && { goal, met: ratio <= goal }),
  };
}

function heading(shape, { bodyKb, atOnce }) {
  const { events, kilobytes, chunk, pauseMs } = shape;
  const frames = answerFrames('chat', shape, shapeName(shape)).reduce((total, frame) => total + frame.length, 0);
  return (
    `\nAnswers of ${events} events, ${kilobytes} KB (Chat: ${Math.round(frames / 1000)} KB), ` +
    `written ${chunk} at a time${pauseMs > 0 ? ` every ${pauseMs} ms` : ''}; requests of ${bodyKb} KB, ${atOnce} at once`
  );
}

function row({ name, ms, ratio, least, most, goal, met }) {
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  const verdict = goal ? `${met ? '✔' : '✘'} goal ≤ ${goal}` : '';
  return `  ${name.padEnd(34)} ${ms.toFixed(2).padStart(8)} ms ${ratio.toFixed(2).padStart(7)} × pipe  (${range})  ${verdict}`.trimEnd();
}
