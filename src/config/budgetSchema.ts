import * as z from 'zod';
import { wording } from '../canonical/wording.ts';
import { readDuration } from '../canonical/duration.ts';

/** How long spending is remembered. Milliseconds. */
export const longestPeriodMs = 31 * 24 * 3_600_000;

/** `day` is a calendar day in local time, a time such as `5h` the last five hours. */
function isPeriod(text: string): boolean {
  return text === 'day' || text === 'conversation' || (periodMs(text) ?? Number.MAX_VALUE) <= longestPeriodMs;
}

/** The length of a period such as `30m`, `5h` or `7d`; undefined for `day` and `conversation`. Milliseconds. */
export function periodMs(per: string): number | undefined {
  return per.startsWith('0') ? undefined : readDuration(per);
}

export const budgetSchema = z
  .looseObject({
    per: z
      .string()
      .refine(isPeriod, wording('expected "day", "conversation", or a time such as "5h" or "7d" (at most 31d)').text)
      .describe('`day` (local time), `conversation`, or the last `30m`, `5h`, `7d`.'),
    scope: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
        error: wording('expected a scope or a list of scopes').text,
      })
      .optional()
      .describe(
        'Only requests with this scope in the URL, the window of VS Code, or one of a list; `*`: each window has this budget for itself.',
      ),
    usd: z.number().positive().optional().describe('USD, of answers whose prices are known.'),
    tokens: z.int().min(1).optional().describe('Input tokens, the cached ones included, and output tokens.'),
    preset: z.string().min(1).optional().describe('All requests go to this preset from `softAt` on.'),
    softAt: z.number().min(0).max(1).default(0.8).describe('The share of the budget from which on the user is warned.'),
    hard: z.boolean().default(true).describe('Refuse requests when the budget is used up.'),
  })
  .refine(({ usd, tokens }) => usd !== undefined || tokens !== undefined, wording('needs usd, tokens or both').text);

export type Budget = z.output<typeof budgetSchema>;
