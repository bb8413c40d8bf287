import type { Received } from '../../support/gatewayBench.ts';
import { framesOf, readFixture, type MatrixCase } from './cases.ts';
import { createPath, providerFor, type Arrival, type Path } from './paths.ts';

/** The form of the provider's answer, and whether the client streams. */
export const modes = [
  { name: 'streamed', form: 'sse', stream: true },
  { name: 'whole', form: 'json', stream: false },
  { name: 'collected', form: 'sse', stream: false },
  { name: 'spread', form: 'json', stream: true },
] as const;
export type Mode = (typeof modes)[number];

/** One answer through a fresh gateway, so that ids and times are reproducible. A stream arrives frame by frame. */
export function perform(path: Path, matrixCase: MatrixCase, mode: Mode): Promise<Received> {
  const text = readFixture(matrixCase.name, path.protocol, mode.form);
  return performWith(path, matrixCase, mode.stream, {
    form: mode.form,
    pieces: mode.form === 'sse' ? framesOf(text) : [text],
  });
}

export function performWith(
  path: Path,
  { question }: MatrixCase,
  stream: boolean,
  arrival: Arrival,
): Promise<Received> {
  return createPath(providerFor(path)).ask(path.client, path.client.ask(question, stream), arrival);
}

/** Every string in the request that the provider receives, anywhere in its body. */
export async function askedOf(path: Path, matrixCase: MatrixCase): Promise<string[]> {
  const { ask, calls } = createPath(providerFor(path));
  const text = readFixture(matrixCase.name, path.protocol, 'json');
  await ask(path.client, path.client.ask(matrixCase.question, false), { form: 'json', pieces: [text] });
  return calls.flatMap(({ body }) => textsIn(JSON.parse(body)));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return [...Object.keys(value), ...Object.values(value).flatMap(textsIn)];
}
