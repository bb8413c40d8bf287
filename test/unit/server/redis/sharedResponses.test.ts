import { describe, expect, it } from 'vitest';
import { createSealer } from '../../../../src/reasoning/sealer.ts';
import type { Share } from '../../../../src/server/redis/share.ts';
import { shareResponses } from '../../../../src/server/redis/sharedResponses.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

/** What Redis answers, look by look; undefined for no sign of life. */
function shelfThatReads(...answers: unknown[]) {
  const clock = createFakeClock();
  let looks = 0;
  let isAway = false;
  const share = {
    prefix: 'p',
    isAway: () => isAway,
    ask() {
      const answer = answers[looks++];
      return Promise.resolve(answer === undefined ? undefined : { answer: Promise.resolve(answer) });
    },
  } as unknown as Share;
  const sealer = createSealer(new Uint8Array(32), (size) => new Uint8Array(size));
  const { shelf, part } = shareResponses(share, sealer, clock);
  return { shelf, part, clock, looks: () => looks, goAway: () => (isAway = true) };
}

describe('a response of another gateway, continued before it is in Redis', () => {
  it('is looked for until it is there', async () => {
    const { shelf, clock, looks } = shelfThatReads(null, undefined, 'sealed');
    const found = shelf.fetch('resp_1');
    for (const waitMs of [1, 24, 75]) await clock.advance(waitMs);
    expect([await found, looks()]).toEqual([true, 3]);
  });

  it('may come by a message meanwhile', async () => {
    const { shelf, part, clock, looks } = shelfThatReads(null, null);
    const found = shelf.fetch('resp_1');
    await clock.advance(1);
    part.apply(['responses', 'put', 'resp_1', 'sealed'], 'other');
    await clock.advance(24);
    expect([await found, looks()]).toEqual([true, 1]);
  });

  it.each([
    ['is unknown after a quarter of a second', [null, null, null, null], 4],
    ['is unknown as late if Redis is slow', [undefined, undefined, undefined, undefined], 4],
  ])('%s', async (_, answers, expected) => {
    const { shelf, clock, looks } = shelfThatReads(...answers);
    const found = shelf.fetch('resp_1');
    for (const waitMs of [1, 24, 75, 150, 5]) await clock.advance(waitMs);
    expect([await found, looks()]).toEqual([false, expected]);
  });

  it('is not waited for after another gateway has deleted it', async () => {
    const { shelf, part, looks } = shelfThatReads(null);
    part.apply(['responses', 'remove', 'resp_1'], 'other');
    expect([await shelf.fetch('resp_1'), looks()]).toEqual([false, 0]);
  });

  it('is not waited for while Redis is away, from when that is known', async () => {
    const { shelf, clock, looks, goAway } = shelfThatReads(undefined, undefined);
    const found = shelf.fetch('resp_1');
    await clock.advance(1);
    goAway();
    await clock.advance(24);
    expect([await found, looks()]).toEqual([false, 1]);
    expect([await shelf.fetch('resp_1'), looks()]).toEqual([false, 1]);
  });

  it('is taken when it comes late, without another look', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { shelf, clock, looks } = shelfThatReads(promise);
    const found = shelf.fetch('resp_1');
    await clock.advance(10);
    resolve('sealed');
    expect([await found, looks()]).toEqual([true, 1]);
  });
});
