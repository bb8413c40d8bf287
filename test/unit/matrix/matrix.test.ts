import { describe, expect, it } from 'vitest';
import type { Received } from '../../support/gatewayBench.ts';
import { check, type Answer } from './answer.ts';
import { cases, finishOf, unusedFixtures, type MatrixCase } from './cases.ts';
import { goldenNames, goldenText, readGolden, writeGolden } from './golden.ts';
import { clients, pathName, paths, type Path } from './paths.ts';
import { askedOf, modes, perform, type Mode } from './perform.ts';
import { imageUrl, prompt } from './question.ts';

function expectAnswer(answer: Answer, expected: MatrixCase, { client, protocol }: Path): void {
  expect(answer.text + answer.refusal).toBe(expected.text + expected.refusal);
  expect(answer.reasoning).toBe(expected.reasoning);
  expect(answer.finish).toBe(finishOf(expected, protocol));
  expect(answer.usage).toEqual(expected.usage);
  expect(answer.calls.map(({ id: _, ...call }) => comparable(call))).toEqual(
    expected.calls.map((call) => comparable(client.asDeclared(call))),
  );
}

/** Arguments are JSON, so whitespace does not matter. */
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

describe.each(cases)('$name', (expected) => {
  describe.each(modes)('$name', (mode) => {
    it.each(paths.map((path) => [pathName(path), path] as const))('%s', async (_name, path) => {
      const received = await perform(path, expected, mode);
      if (expected.error) return expectError(received, expected, path, mode);
      check(received.status === 200, 'the answer is good', received);
      const answer = mode.stream ? path.client.readStream(received.text) : path.client.readWhole(received.text);
      expectAnswer(answer, expected, path);
      expect(received.text).not.toContain('provider-model');
    });
  });
});

describe.each(cases.filter(({ question }) => Object.keys(question).length > 0))(
  'the question of $name',
  (matrixCase) => {
    it.each(paths.map((path) => [pathName(path), path] as const))('reaches the provider: %s', async (_name, path) => {
      const { image, schema, tools = [] } = matrixCase.question;
      const texts = await askedOf(path, matrixCase);
      const says = (word: string): boolean => texts.some((text) => text.includes(word));
      expect(says(prompt)).toBe(true);
      expect(says(imageUrl.split(',')[1] ?? '')).toBe(image ?? false);
      expect(says('answer')).toBe(schema ?? false);
      for (const tool of tools) expect(says(tool)).toBe(true);
    });
  },
);

/** There is one golden for each form that a client requests. Its headings list the provider's forms. */
const goldens = cases.flatMap((matrixCase) =>
  clients.flatMap((client) =>
    modes
      .filter(({ name }) => name === 'streamed' || name === 'whole')
      .map((mode) => ({ matrixCase, client, mode, file: `${matrixCase.name}.${client.dialect}.${mode.name}.txt` })),
  ),
);

it.each(goldens)('$file matches the output', async ({ matrixCase, client, mode, file }) => {
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
