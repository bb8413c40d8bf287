// docs/performance.md and its picture, from one run of the bench.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from './subjects.mjs';
import { readShape } from './wires.mjs';

/** Writes the page with the CPU results, and what the other suites printed. `note`: what else to know about the machine. */
export function writeReport({ cpu, lines, settings, note }) {
  const shapes = [...new Set(cpu.map(({ shape }) => shape))];
  const page = [
    '# Performance',
    '',
    'Written by `npm run bench -- --write`. CPU time of the gateway for one streamed request, all threads, user and system, as a multiple',
    'of a byte pipe (`node:http` and undici, nothing done with the bytes) that runs beside it. Ratios are medians over rounds in which every',
    'subject answers in turn, so what disturbs the machine disturbs all of them; the range says how much it did.',
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node} on ${cpus().length} cores (${cpus()[0]?.model.trim()}): ${settings}.`,
    ...(note ? ['', note] : []),
    '',
    verdict(cpu),
    '',
    '![CPU of a streamed request, as a multiple of a byte pipe](performance.svg)',
    '',
    ...shapes.flatMap((shape) => [
      '',
      ...table(
        shape,
        cpu.filter((each) => each.shape === shape),
      ),
    ]),
    '',
    '## Where the rest goes',
    '',
    'Of a small streamed request, the pipe takes 0.2 to 0.3 ms, nearly all of it in system calls, `node:http` and undici. CCR adds 0.7 to 0.8 ms, and',
    'no part of it stands out: about 1,100 functions run, most of them once, and the costliest one takes 2 %. They read and check the request,',
    'estimate its tokens, find its conversation, route it, write it in the form of its provider, and keep what happened. An event of an answer adds',
    'about 1 µs. So ratios are high for small answers beside a pipe that does nothing, and fall with the length of an answer and with the number of its',
    'writes. Of long translated answers, half is in `JSON.parse`, `JSON.stringify`, the encoding of text, and system calls.',
    '',
    '## Time, memory and the event loop',
    '',
    '```text',
    ...lines,
    '```',
    '',
  ];
  writeFileSync(join(projectFolder, 'docs/performance.md'), page.join('\n'));
  writeFileSync(join(projectFolder, 'docs/performance.svg'), picture(cpu.filter(({ shape }) => shape === shapes[0])));
}

/** Which goals are met, in one sentence. */
function verdict(cpu) {
  const judged = cpu.filter(({ goal }) => goal);
  const met = judged.filter((each) => each.met);
  return `Goals for CPU that are met: ${met.length} of ${judged.length}. The tables mark them with ✔, the others with ✘.`;
}

function table(shape, results) {
  const { events, kilobytes, chunk } = readShape(shape);
  const cell = ({ name, ms, ratio, least, most, goal, met }) =>
    `| ${name} | ${ms.toFixed(2)} | ${ratio.toFixed(2)} | ${least.toFixed(2)} to ${most.toFixed(2)} | ${goal ? `≤ ${goal} ${met ? '✔' : '✘'}` : ''} |`;
  return [
    `## Answers of ${kilobytes} KB in ${events} events, ${chunk} in each write`,
    '',
    '| | ms of CPU | × pipe | range | goal |',
    '| --- | --- | --- | --- | --- |',
    ...results.map(cell),
  ];
}

const [rowHeight, labelWidth, barWidth] = [22, 260, 380];

/** Bars of the ratios. Colours that can be read on a light and on a dark page. */
function picture(results) {
  const most = Math.max(...results.map(({ ratio }) => ratio));
  const bars = results.map(({ name, ratio }, row) => {
    const y = row * rowHeight + 8;
    const width = Math.max(2, (ratio / most) * barWidth);
    const colour = name.startsWith('pipe')
      ? '#8a8a8a'
      : /, (?:CCR-Rust|claude-code-router|LiteLLM|Portkey)$/.test(name)
        ? '#c98500'
        : '#2f7fd1';
    return (
      `<text x="${labelWidth - 8}" y="${y + 12}" text-anchor="end">${escapeXml(name)}</text>` +
      `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="15" fill="${colour}"/>` +
      `<text x="${(labelWidth + width + 6).toFixed(1)}" y="${y + 12}">${ratio.toFixed(1)} ×</text>`
    );
  });
  const height = results.length * rowHeight + 16;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${labelWidth + barWidth + 60}" height="${height}" font-family="sans-serif" font-size="12" fill="#777">` +
    `${bars.join('')}</svg>\n`
  );
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
