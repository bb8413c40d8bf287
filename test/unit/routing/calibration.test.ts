import { describe, expect, it } from 'vitest';
import { createCalibration, type Estimated } from '../../../src/routing/calibration.ts';

const target = { provider: 'a', model: 'm' };
const words = (total: number): Estimated => ({ total, tools: 0, cjk: 0 });

it('takes the first count, then averages, for each target on its own', () => {
  const calibration = createCalibration();
  expect(calibration.at(target, words(1000))).toBe(1000);
  calibration.note(target, words(1000), 1200);
  expect(calibration.at(target, words(1000))).toBe(1200);
  calibration.note(target, words(1000), 1300);
  expect(calibration.at(target, words(1000))).toBe(1230);
  expect(calibration.at({ provider: 'a', model: 'other' }, words(1000))).toBe(1000);
});

it.each([
  ['a small request', 100, 300],
  ['no count', 1000, 0],
  ['a count of something else', 1000, 5000],
  ['no number', 1000, Number.NaN],
])('ignores %s', (_, estimated, counted) => {
  const calibration = createCalibration();
  calibration.note(target, words(estimated), counted);
  expect(calibration.at(target, words(1000))).toBe(1000);
});

describe('kinds of text', () => {
  const cjk: Estimated = { total: 1000, tools: 0, cjk: 1000 };
  const tools: Estimated = { total: 1000, tools: 1000, cjk: 0 };

  it.each([
    ['words', words(1000)],
    ['CJK', cjk],
    ['tools', tools],
  ])('%s are calibrated on their own', (_, kind) => {
    const calibration = createCalibration();
    calibration.note(target, kind, 1500);
    const found = [words(1000), cjk, tools].map((each) => calibration.at(target, each));
    expect(found).toEqual(
      [words(1000), cjk, tools].map((each) =>
        each.total === kind.total && each.tools === kind.tools && each.cjk === kind.cjk ? 1500 : 1000,
      ),
    );
  });

  it('are told apart by requests that mix them', () => {
    // A tokenizer that needs a tenth more for words, twice as many for CJK, and half as many again for tools.
    const count = ({ total, tools: ofTools, cjk: ofCjk }: Estimated): number =>
      (total - ofTools - ofCjk) * 1.1 + ofCjk * 2 + ofTools * 1.5;
    const calibration = createCalibration();
    for (let turn = 0; turn < 300; turn++) {
      const mixed = { total: 20_000 + turn * 500, tools: turn % 2 === 0 ? 15_000 : 4000, cjk: (turn % 7) * 2000 };
      calibration.note(target, mixed, count(mixed));
    }
    for (const each of [
      words(50_000),
      { total: 60_000, tools: 0, cjk: 50_000 },
      { total: 30_000, tools: 20_000, cjk: 0 },
    ])
      expect(Math.abs(calibration.at(target, each) / count(each) - 1)).toBeLessThan(0.15);
  });

  it('do not go beyond what is plausible', () => {
    const calibration = createCalibration();
    for (let turn = 0; turn < 50; turn++) calibration.note(target, { total: 1000, tools: 900, cjk: 0 }, 3999);
    expect(calibration.at(target, tools)).toBeLessThanOrEqual(4000);
    for (let turn = 0; turn < 50; turn++) calibration.note(target, tools, 250);
    expect(calibration.at(target, tools)).toBeGreaterThanOrEqual(250);
  });
});
