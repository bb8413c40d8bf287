import { expect, it } from 'vitest';
import { createCalibration } from '../../../src/routing/calibration.ts';

const target = { provider: 'a', model: 'm' };

it('takes the first count, then averages, for each target on its own', () => {
  const calibration = createCalibration();
  expect(calibration.at(target, 1000)).toBe(1000);
  calibration.note(target, 1000, 1200);
  expect(calibration.at(target, 1000)).toBe(1200);
  calibration.note(target, 1000, 1300);
  expect(calibration.at(target, 1000)).toBe(1230);
  expect(calibration.at({ provider: 'a', model: 'other' }, 1000)).toBe(1000);
});

it.each([
  ['a small request', 100, 300],
  ['no count', 1000, 0],
  ['a count of something else', 1000, 5000],
  ['no number', 1000, Number.NaN],
])('ignores %s', (_, estimated, counted) => {
  const calibration = createCalibration();
  calibration.note(target, estimated, counted);
  expect(calibration.at(target, 1000)).toBe(1000);
});
