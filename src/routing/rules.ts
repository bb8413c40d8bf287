import { rememberByText } from '../canonical/remember.ts';
import { weekdays, type RouteRule } from '../config/ruleSchema.ts';
import type { Intent } from './intent.ts';

/** What the conditions of rules ask of a request. */
export type RuleFacts = {
  client: string;
  intent: Intent;
  model: string;
  /** Estimated input tokens. */
  tokens: number;
  /** The names of the declared tools. */
  tools: readonly string[];
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  /** From the URL. */
  scope: string | undefined;
  /** Unix time in ms. */
  nowMs: number;
};

/** Whether all conditions of the rule hold. */
export function ruleHolds({ when }: RouteRule, facts: RuleFacts): boolean {
  const { client, model, tools, tokens, headers, scope, nowMs, intent } = facts;
  return (
    (when.client === undefined || listed(when.client).some((each) => each === client)) &&
    (when.class === undefined || listed(when.class).some((each) => each === intent.class)) &&
    (when.agentType === undefined || matchesAny(when.agentType, intent.agentType)) &&
    (when.model === undefined || matchesAny(when.model, model)) &&
    (when.hasImage === undefined || when.hasImage === intent.hasImage) &&
    (when.tokensOver === undefined || tokens > when.tokensOver) &&
    (when.tool === undefined || tools.some((tool) => matchesAny(when.tool ?? [], tool))) &&
    (when.header === undefined ||
      Object.entries(when.header).every(([name, pattern]) => matchesAny(pattern, headers[name.toLowerCase()]))) &&
    (when.scope === undefined || listed(when.scope).some((each) => each === scope)) &&
    (when.time === undefined || isWithin(when.time, new Date(nowMs)))
  );
}

function listed<Value extends string>(value: Value | Value[]): readonly Value[] {
  return Array.isArray(value) ? value : [value];
}

/** In any case; `*` stands for any text. */
function matchesAny(patterns: string | string[], text: string | undefined): boolean {
  return text !== undefined && listed(patterns).some((pattern) => patternOf(pattern).test(text));
}

/** The patterns come from the config, which has few. */
const patternOf = rememberByText(500, (glob): RegExp => {
  const source = glob.split(/\*+/).map((piece) => piece.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${source.join('[^]*?')}$`, 'i');
});

/** `Mon-Fri 09:00-17:30`, in local time. A period past midnight belongs to the day on which it begins. */
function isWithin(period: string, now: Date): boolean {
  const [hours = '', days] = period.split(' ').toReversed();
  const [from = 0, until = 0] = hours.split('-').map(minutesOf);
  const minute = now.getHours() * 60 + now.getMinutes();
  const isAfterMidnight = until <= from && minute < until;
  const isTime = until > from ? minute >= from && minute < until : minute >= from || isAfterMidnight;
  return isTime && (days === undefined || isOnDay(days, isAfterMidnight ? (now.getDay() + 6) % 7 : now.getDay()));
}

function minutesOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

function isOnDay(days: string, day: number): boolean {
  const [first = 0, last = first] = days.split('-').map((name) => weekdays.findIndex((each) => each === name));
  return first <= last ? day >= first && day <= last : day >= first || day <= last;
}
