import { dayOf } from '../canonical/day.ts';
import { spoken, wording, type Translate, type Wording } from '../canonical/wording.ts';
import type { CheckResult, ModelTest } from './modelTests.ts';

/** A few words for a badge: `passes its test`, or what failed. */
export function describeModelTest({ results, testedAt }: ModelTest): Wording {
  const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
  const day = dayOf(testedAt);
  if (failed.length > 0) return wording('tested {0}: fails {1}', day, failed.join(', '));
  const missing = results.filter(({ outcome }) => outcome === 'untested').length;
  return missing === 0
    ? wording('tested {0}: all passed', day)
    : wording('tested {0}: {1} checks got no answer', day, missing);
}

/** What was wrong, or why it was not tested. A provider's words are as they are. */
export function describeDetail({ detail = '', wording: said }: CheckResult, t: Translate): string {
  return said ? spoken(said, t) : detail;
}
