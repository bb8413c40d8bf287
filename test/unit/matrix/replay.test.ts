import { describe, expect, it } from 'vitest';
import type { Received } from '../../support/gatewayBench.ts';
import { check, type MatrixClient } from './answer.ts';
import { cases, framesOf, protocols, readFixture, type MatrixCase } from './cases.ts';
import { createPath, pathName, paths, providerFor, type Path } from './paths.ts';
import { modes, perform, performWith } from './perform.ts';
import { responsesClient } from './responsesClient.ts';
import { waysFor } from './sampling.ts';

const [streamed] = modes;

type Replay = { name: string; check: (path: Path, matrixCase: MatrixCase) => Promise<void> };

const intact: Replay[] = [
  { name: 'byte by byte', check: checkByteByByte },
  { name: 'in one piece', check: checkInOnePiece },
];
const cut: Replay[] = [
  { name: 'cut while it is streamed', check: (path, matrixCase) => cutEverywhere(path, matrixCase, true) },
  { name: 'cut while it is collected', check: (path, matrixCase) => cutEverywhere(path, matrixCase, false) },
];

describe.each(cases.map((matrixCase, row) => ({ ...matrixCase, row })))(
  'the stream of $name',
  ({ row, ...matrixCase }) => {
    // A stream that fails by itself needs no cut.
    const replays = matrixCase.error ? intact : [...intact, ...cut];
    const runs = paths.flatMap((path, column) =>
      waysFor(replays, row, column).map((replay) => ({ name: `${replay.name}: ${pathName(path)}`, path, replay })),
    );
    it.each(runs)('$name', ({ path, replay }) => replay.check(path, matrixCase));
  },
);

/** The client receives the same as when each frame arrives whole. */
async function checkByteByByte(path: Path, matrixCase: MatrixCase): Promise<void> {
  const bytes = Buffer.from(readFixture(matrixCase.name, path.protocol, 'sse'));
  const pieces = Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
  const received = await performWith(path, matrixCase, true, { form: 'sse', pieces });
  expect(received).toEqual(await perform(path, matrixCase, streamed));
}

/** What comes in one piece may go on in fewer: the client reads the same. */
async function checkInOnePiece(path: Path, matrixCase: MatrixCase): Promise<void> {
  const pieces = [readFixture(matrixCase.name, path.protocol, 'sse')];
  const received = await performWith(path, matrixCase, true, { form: 'sse', pieces });
  if (matrixCase.error?.afterContent) {
    // An error in the first piece comes before any content was sent, so the client gets an error status.
    expect(received.status).toBeGreaterThanOrEqual(400);
    expect(path.client.readError(received.text)).toMatch(matrixCase.error.message);
  } else {
    const { text, ...head } = await perform(path, matrixCase, streamed);
    const read = (answer: string): unknown => (head.status === 200 ? path.client.readStream(answer) : answer);
    expect({ ...received, text: read(received.text) }).toEqual({ ...head, text: read(text) });
  }
}

/** Where a stream is cut: before and within each frame. A connection that breaks differs less from one that ends. */
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

/** Whether the provider has sent its finish reason: the answer is complete then, without the frames that follow. */
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
  check((text + refusal).startsWith(answer.text), 'the client keeps what came before the cut', answer);
}

/** Each cut is an error for the client, unless the answer was complete before it. */
async function cutEverywhere(path: Path, matrixCase: MatrixCase, streams: boolean): Promise<void> {
  const { client, protocol } = path;
  const { ask } = createPath(providerFor(path));
  for (const { sent, broken, what } of cutsOf(readFixture(matrixCase.name, protocol, 'sse'))) {
    const body = client.ask(matrixCase.question, streams);
    const received = await ask(client, body, { form: 'sse', pieces: sent, broken });
    try {
      if (!isComplete(sent)) expectCut(received, matrixCase, client, streams);
      else {
        check(received.status === 200, 'a complete answer is a success', received);
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

it.each(protocols)('a cut is an error in the stream for Codex, which shows its text: %s', async (protocol) => {
  const path = { client: responsesClient, protocol, relayed: false };
  const { ask } = createPath(providerFor(path));
  for (const matrixCase of cases.filter(({ name }) => name === 'reasoning' || name === 'parallel-tools')) {
    for (const { sent, broken, what } of cutsOf(readFixture(matrixCase.name, protocol, 'sse'))) {
      if (isComplete(sent)) continue;
      const body = responsesClient.ask(matrixCase.question, true);
      const received = await ask(responsesClient, body, { form: 'sse', pieces: sent, broken }, 'codex');
      check(received.status === 200, 'Codex retries after any other status', [what, received]);
      check(responsesClient.readStream(received.text).error !== undefined, 'the stream fails', [what, received]);
    }
  }
});
