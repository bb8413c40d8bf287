import * as z from 'zod';
import { wording } from '../canonical/wording.ts';
import { requestClasses } from '../canonical/requestClass.ts';

const oneOrMore = <Value extends z.ZodType>(
  value: Value,
  error = wording('expected a text, or a list of texts').text,
) => z.union([value, z.array(value).min(1)], { error });
const patterns = oneOrMore(z.string().min(1));
const someOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  oneOrMore(z.enum(values), `expected one of ${values.map((value) => `"${value}"`).join(', ')}`);

export const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

const day = `(?:${weekdays.join('|')})`;
const hour = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const period = new RegExp(`^(?:${day}(?:-${day})? )?${hour}-${hour}$`);

const conditionsSchema = z
  .strictObject({
    client: someOf(['codex', 'claude-code', 'other']).optional().describe('The client program.'),
    class: someOf(requestClasses).optional().describe('What the client says that the request is.'),
    agentType: patterns.optional().describe('The type of the subagent, such as `Explore`. `*` matches any text.'),
    model: patterns.optional().describe('The model name of the request. `*` matches any text.'),
    hasImage: z.boolean().optional().describe('Whether there is an image in the newest turn.'),
    tokensOver: z.int().min(0).optional().describe('Estimated input tokens.'),
    tool: patterns.optional().describe('The name of a tool that the request declares. `*` matches any text.'),
    header: z
      .record(z.string(), z.string().min(1))
      .optional()
      .describe('HTTP headers of the request and their values. `*` matches any text.'),
    scope: oneOrMore(z.string().min(1)).optional().describe('The scope in the URL: the window of VS Code.'),
    time: z
      .string()
      .regex(period, wording('expected "22:00-06:00", or with days "Mon-Fri 09:00-17:30"').text)
      .optional()
      .describe('Local time, such as `22:00-06:00` or `Mon-Fri 09:00-17:30`.'),
  })
  .describe('Conditions that must all hold; of a list, one value.');

export const ruleSchema = z
  .looseObject({
    when: conditionsSchema,
    route: z.string().min(1).optional().describe('"provider,model" or the name of a route.'),
    preset: z.string().min(1).optional().describe('The name of a preset.'),
    reason: z.string().max(200).optional().describe('Why, for the record of the request.'),
  })
  .refine(
    ({ route, preset }) => (route === undefined) !== (preset === undefined),
    wording('needs either route or preset').text,
  );

export type RouteRule = z.output<typeof ruleSchema>;

/** Rules with their places in the file, from 1: those that are invalid are left out, and the places of the others stay. */
export function withPlaces(rules: readonly RouteRule[], placeOf: (index: number) => number): RouteRule[] {
  return rules.map((rule, index) => ({ ...rule, place: placeOf(index) }));
}

/** From 1. */
export function placeOfRule({ place }: RouteRule, index: number): number {
  return typeof place === 'number' ? place : index + 1;
}
