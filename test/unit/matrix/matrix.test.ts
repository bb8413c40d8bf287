import { describe, expect, it } from 'vitest';
import type { Received } from '../../support/gatewayBench.ts';
import { check, type Answer } from './answer.ts';
import { cases, finishOf, unusedFixtures, type MatrixCase } from './cases.ts';
import { goldenNames, goldenText, readGolden, writeGolden } from './golden.ts';
import { clients, pathName, paths, type Path } from './paths.ts';
import { askedOf, modes, perform, type Mode } from './perform.ts';
import { imageUrl, prompt } from './question.ts';
import { waysFor } from './sampling.ts';

function expectAnswer(answer: Answer, expected: MatrixCase, { client, protocol }: Path): void {
  expect(answer.text + answer.refusal).toBe(expected.text + expected.refusal);
  expect(answer.reasoning).toBe(expected.reasoning);
  expect(answer.finish).toBe(finishOf(expected, protocol));
  expect(answer.usage).toEqual(expected.usage);
  expect(answer.calls.map(({ id: _, ...call }) => comparable(call))).toEqual(
    expected.calls.map((call) => comparable(client.asDeclared(call))),
  );
}

/** Parses the arguments of function calls, so that whitespace in the JSON makes no difference. */
function comparable(call: Omit<Answer['calls'][number], 'id'>): object {
  return { ...call, input: call.kind === 'function' ? (JSON.parse(call.input) as unknown) : call.input };
}

function expectError(received: Received, expected: MatrixCase, path: Path, mode: Mode): void {
  const { message, afterContent } = expected.error ?? { message: /^/, afterContent: false };
  if (afterContent && mode.stream && mode.form === 'sse') {
    const answer = path.client.readStream(received.text);
    expect(answer.error).toMatch(message);
    expect(answer.text).toBe(expected.text);
  } else {
    expect(received.status).toBeGreaterThanOrEqual(400);
    expect(path.client.readError(received.text)).toMatch(message);
  }
}

describe.each(cases.map((matrixCase, row) => ({ ...matrixCase, row })))('$name', ({ row, ...expected }) => {
  const runs = paths.flatMap((path, column) =>
    waysFor(modes, row, column).map((mode) => ({ path, mode, name: `${pathName(path)}, ${mode.name}` })),
  );
  it.each(runs)('$name', async ({ path, mode }) => {
    const received = await perform(path, expected, mode);
    if (expected.error) return expectError(received, expected, path, mode);
    check(received.status === 200, 'the answer is good', received);
    const answer = mode.stream ? path.client.readStream(received.text) : path.client.readWhole(received.text);
    expectAnswer(answer, expected, path);
    expect(received.text).not.toContain('provider-model');
  });
});

describe.each(cases.filter(({ question }) => Object.keys(question).length > 0))(
  'the question of $name',
  (matrixCase) => {
    it.each(paths.map((path) => [pathName(path), path] as const))('reaches the provider: %s', async (_name, path) => {
      const { image, schema, tools = [] } = matrixCase.question;
      const texts = await askedOf(path, matrixCase);
      const contains = (wanted: string): boolean => texts.some((text) => text.includes(wanted));
      expect(contains(prompt)).toBe(true);
      expect(contains(imageUrl.split(',')[1] ?? '')).toBe(image ?? false);
      expect(contains('answer')).toBe(schema ?? false);
      for (const tool of tools) expect(contains(tool)).toBe(true);
    });
  },
);

/** One golden per form that a client can ask for, also in a sample. Its headings name the paths that led to it. */
const goldens = cases.flatMap((matrixCase) =>
  clients.flatMap((client) =>
    modes
      .filter(({ name }) => name === 'streamed' || name === 'whole')
      .map((mode) => ({ matrixCase, client, mode, file: `${matrixCase.name}.${client.dialect}.${mode.name}.txt` })),
  ),
);

it.each(goldens)('$file is what comes out', async ({ matrixCase, client, mode, file }) => {
  const outputs = [];
  for (const path of paths.filter((each) => each.client === client)) {
    const { status, text } = await perform(path, matrixCase, mode);
    outputs.push({ path: path.protocol + (path.relayed ? ', relayed' : ''), text: `${status}\n${text}` });
  }
  const seen = goldenText(outputs);
  if (process.env['UPDATE']) writeGolden(file, seen);
  expect(seen).toBe(readGolden(file));
});

it('uses every fixture and golden', () => {
  expect(unusedFixtures()).toEqual([]);
  expect(goldenNames().toSorted()).toEqual(goldens.map(({ file }) => file).toSorted());
});
