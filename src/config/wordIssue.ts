import type * as z from 'zod';
import { describeIssue } from '../canonical/describeIssue.ts';
import { wording, type Wording } from '../canonical/wording.ts';

/** zod's own messages, of which the values are put in. Types of JSON and counts are the same in every language. */
const forms: readonly [RegExp, (first: string, second: string, third: string) => Wording][] = [
  [/^expected one of (.+)$/s, (values) => wording('expected one of {0}', values)],
  [/^expected (.+), received (.+)$/s, (type, received) => wording('expected {0}, received {1}', type, received)],
  [
    /^Too small: expected (\S+) to be (.+)$/s,
    (type, limit) => wording('Too small: expected {0} to be {1}', type, limit),
  ],
  [/^Too big: expected (\S+) to be (.+)$/s, (type, limit) => wording('Too big: expected {0} to be {1}', type, limit)],
  [
    /^Too small: expected (\S+) to have (\S+) (items|characters)$/s,
    (type, limit, unit) =>
      unit === 'items'
        ? wording('Too small: expected {0} to have {1} items', type, limit)
        : wording('Too small: expected {0} to have {1} characters', type, limit),
  ],
  [/^Unrecognized keys?: (.+)$/s, (keys) => wording('Unrecognized key: {0}', keys)],
  [/^Invalid input$/, () => wording('Invalid input')],
  [/^is missing$/, () => wording('is missing')],
];

/**
 * As describeIssue, to be shown in another language. Messages that the schema has itself are literals there; one that is not
 * known here stays in English.
 */
export function wordIssue(issue: Pick<z.core.$ZodIssue, 'message'>): Wording {
  const message = describeIssue(issue);
  for (const [form, words] of forms) {
    const found = form.exec(message);
    if (found) return words(found[1] ?? '', found[2] ?? '', found[3] ?? '');
  }
  return wording(message);
}
