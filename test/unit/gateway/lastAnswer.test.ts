import { describe, expect, it } from 'vitest';
import { createLastAnswer, type LastAnswer } from '../../../src/gateway/lastAnswer.ts';
import { collectGarbage } from '../../../src/server/idleCollection.ts';

type Parts = Parameters<LastAnswer['keep']>[0];

/** Only what is looked at. */
function partsOf(isLong: boolean, pieces: string[]): Parts {
  return { turn: { exchange: { isLong } }, written: { pieces }, functions: [] } as unknown as Parts;
}

/** @returns whether the parts of each answer are alive after a collection. */
async function aliveAfter(...answers: [isLong: boolean, pieces: string[]][]): Promise<boolean[]> {
  const last = createLastAnswer();
  const known = answers.map(([isLong, pieces]) => {
    const parts = partsOf(isLong, pieces);
    last.keep(parts);
    return new WeakRef(parts);
  });
  // What a reference was made of lives until the end of the turn.
  await new Promise(setImmediate);
  collectGarbage();
  const alive = known.map((each) => each.deref() !== undefined);
  last.keep(partsOf(false, []));
  return alive;
}

describe('what the latest answer was made with', () => {
  it('lives until the next answer, so that V8 keeps the code for it', async () => {
    expect(await aliveAfter([false, ['Hi']], [false, ['Hi', ' there']])).toEqual([false, true]);
  });

  it('does not if the request or the answer is long', async () => {
    const half = 'x'.repeat(130 * 1024);
    expect(await aliveAfter([false, ['Hi']], [true, ['Hi']], [false, [half, half]])).toEqual([true, false, false]);
  });
});
