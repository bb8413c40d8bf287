import { describe, expect, it } from 'vitest';
import { fits, tooSmallLast, type RequestSize } from '../../../src/routing/fit.ts';
import type { RouteCandidate, Target } from '../../../src/routing/route.ts';

const windows: Record<string, number> = { small: 100, wide: 1000, long: 10_000 };

const target = (model: string): Target => ({ provider: 'p', model, tier: 'p' });
const candidate = (model: string, cooldownUntilMs?: number): RouteCandidate => ({
  target: target(model),
  position: 'fallback',
  ...(cooldownUntilMs !== undefined && { cooldownUntilMs }),
});

function sizeOf(input: number, output = 0): RequestSize {
  return { inputAt: () => input, outputAt: () => output, windowOf: ({ model }) => windows[model] };
}

function order(models: string[], longContext: RouteCandidate | undefined, size: RequestSize): string[] {
  const candidates = models.map((model) => candidate(model));
  return tooSmallLast(candidates, () => longContext, size).map(({ target: { model }, position }) =>
    position === 'too-small' ? `${model}!` : model,
  );
}

describe('a request fits a target', () => {
  it.each([
    [100, 0, true],
    [101, 0, false],
    [70, 30, true],
    [71, 30, false],
    // More output than half of the window is lowered.
    [50, 60, true],
    [50, 5000, true],
    [51, 5000, false],
  ])('of 100 tokens with %i of input and %i of output: %s', (input, output, expected) => {
    expect(fits(target('small'), sizeOf(input, output))).toBe(expected);
  });

  it('whose window is unknown', () => {
    expect(fits(target('unknown'), sizeOf(1e9))).toBe(true);
  });
});

describe('the order of targets for a request', () => {
  it('stays if it fits all of them, or none', () => {
    expect(order(['small', 'wide'], candidate('long'), sizeOf(50))).toEqual(['small', 'wide']);
    expect(order(['small', 'wide'], candidate('long'), sizeOf(20_000))).toEqual(['small', 'wide']);
    expect(order(['small', 'wide'], undefined, sizeOf(20_000))).toEqual(['small', 'wide']);
    expect(order([], candidate('long'), sizeOf(20_000))).toEqual([]);
  });

  it('has the small ones last, marked, if it fits another', () => {
    expect(order(['small', 'wide', 'unknown'], undefined, sizeOf(500))).toEqual(['wide', 'unknown', 'small!']);
  });

  it('begins with longContext if it does not fit the first one, once', () => {
    expect(order(['small', 'wide'], candidate('long'), sizeOf(500))).toEqual(['long', 'wide', 'small!']);
    expect(order(['small', 'long'], candidate('long'), sizeOf(500))).toEqual(['long', 'small!']);
    expect(order(['small', 'wide'], candidate('long'), sizeOf(5000))).toEqual(['long', 'small!', 'wide!']);
  });

  it('does not begin with longContext if it fits the first one, or longContext is on cooldown', () => {
    expect(order(['wide', 'small'], candidate('long'), sizeOf(500))).toEqual(['wide', 'small!']);
    expect(order(['small', 'wide'], candidate('long', 5), sizeOf(500))).toEqual(['wide', 'small!']);
  });
});
