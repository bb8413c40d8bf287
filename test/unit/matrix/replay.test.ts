import { describe, expect, it } from 'vitest';
import type { Received } from '../../support/gatewayBench.ts';
import { check, type MatrixClient } from './answer.ts';
import { cases, framesOf, protocols, readFixture, type MatrixCase } from './cases.ts';
import { createPath, pathName, paths, providerFor, type Path } from './paths.ts';
import { modes, perform, performWith } from './perform.ts';
import { responsesClient } from './responsesClient.ts';

const named = paths.map((path) => [pathName(path), path] as const);
const [streamed] = modes;

describe.each(cases)('the stream of $name', (matrixCase) => {
  it.each(named)('is the same byte by byte: %s', async (_name, path) => {
    const bytes = Buffer.from(readFixture(matrixCase.name, path.protocol, 'sse'));
    const pieces = Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
    const received = await performWith(path, matrixCase, true, { form: 'sse', pieces });
    expect(received).toEqual(await perform(path, matrixCase, streamed));
  });

  it.each(named)('is the same in one piece: %s', async (_name, path) => {
    // A failure in the first piece precedes any content, so another target may be tried.
    if (matrixCase.error?.afterContent) return;
    const pieces = [readFixture(matrixCase.name, path.protocol, 'sse')];
    const received = await performWith(path, matrixCase, true, { form: 'sse', pieces });
    expect(received).toEqual(await perform(path, matrixCase, streamed));
  });
});

/** Cuts a stream before and within each frame. The connection then ends or breaks. */
function cutsOf(stream: string): { sent: string[]; broken: boolean; what: string }[] {
  const frames = framesOf(stream);
  return frames.flatMap((frame, count) => {
    const before = frames.slice(0, count);
    const inside = [...before, frame.slice(0, Math.floor(frame.length / 2))];
    return [
      { sent: before, broken: false, what: `ended before frame ${count}` },
      { sent: inside, broken: false, what: `ended within frame ${count}` },
      ...(count % 4 === 0 ? [{ sent: before, broken: true, what: `broken before frame ${count}` }] : []),
    ];
  });
}

/** Whether the provider has already sent the end of its answer, so that the rest of the stream is not needed. */
function isComplete(frames: readonly string[]): boolean {
  return frames.some(
    (frame) =>
      frame.endsWith('\n\n') &&
      /"finish_reason":"|"stop_reason":"|"type":"response\.(completed|incomplete|failed)"/.test(frame),
  );
}

function expectCut(received: Received, { text, refusal }: MatrixCase, client: MatrixClient, streams: boolean): void {
  if (received.status !== 200) {
    expect(received.status).toBeGreaterThanOrEqual(400);
    expect(client.readError(received.text)).not.toBe('');
    return;
  }
  check(streams, 'a reply that is not streamed is an error', received);
  const answer = client.readStream(received.text);
  check(answer.error !== undefined, 'a stream that was cut ends in an error', received.text);
  check((text + refusal).startsWith(answer.text), 'what came before the cut stands', answer);
}

describe.each(cases.filter(({ error }) => !error))('a stream of $name that is cut', (matrixCase) => {
  it.each(named)('is an error on every path: %s', async (_name, path) => {
    await cutEverywhere(path, matrixCase, true);
  });
});

it.each(named)('a collected stream that is cut is an error: %s', async (_name, path) => {
  for (const matrixCase of cases) if (!matrixCase.error) await cutEverywhere(path, matrixCase, false);
});

async function cutEverywhere(path: Path, matrixCase: MatrixCase, streams: boolean): Promise<void> {
  const { client, protocol } = path;
  const { ask } = createPath(providerFor(path));
  for (const { sent, broken, what } of cutsOf(readFixture(matrixCase.name, protocol, 'sse'))) {
    const body = client.ask(matrixCase.question, streams);
    const received = await ask(client, body, { form: 'sse', pieces: sent, broken });
    try {
      if (!isComplete(sent)) expectCut(received, matrixCase, client, streams);
      else {
        check(received.status === 200, 'what is complete is an answer', received);
        const answer = streams ? client.readStream(received.text) : client.readWhole(received.text);
        const { text, refusal } = matrixCase;
        const whole = answer.text + answer.refusal === text + refusal;
        check(answer.error === undefined && whole, 'the whole answer', answer);
      }
    } catch (thrown) {
      throw new Error(`${what}: ${String(thrown)}`, { cause: thrown });
    }
  }
}

it.each(protocols)('Codex gets an error for a cut stream and shows its text: %s', async (protocol) => {
  const path = { client: responsesClient, protocol, relayed: false };
  const { ask } = createPath(providerFor(path));
  for (const matrixCase of cases.filter(({ name }) => name === 'reasoning' || name === 'parallel-tools')) {
    for (const { sent, broken, what } of cutsOf(readFixture(matrixCase.name, protocol, 'sse'))) {
      if (isComplete(sent)) continue;
      const body = responsesClient.ask(matrixCase.question, true);
      const received = await ask(responsesClient, body, { form: 'sse', pieces: sent, broken }, 'codex');
      check(received.status === 200, 'Codex would ask again and again after any other status', [what, received]);
      check(responsesClient.readStream(received.text).error !== undefined, 'the stream fails', [what, received]);
    }
  }
});
