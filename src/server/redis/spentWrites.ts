import { longestPeriodMs } from '../../config/budgetSchema.ts';
import type { Spender, SpendingSnapshot, Spent } from '../../routing/budgets.ts';
import type { Command } from './outbox.ts';
import { pairsOf } from './replies.ts';

const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;

/** Days of the longest budget, and of conversations. */
const minuteDays = longestPeriodMs / dayMs + 1;
const conversationDays = 7;

/** What was spent, in Redis: a hash for each day, with minutes or conversations. Times are by the clock of Redis. */
export function createSpentWrites(prefix: string) {
  const keys = { minutes: `${prefix}:live:spent`, conversations: `${prefix}:live:spent-by-conversation` };

  function add(key: string, field: string, spent: Spent, atMs: number, days: number): Command[] {
    const day = Math.floor(atMs / dayMs);
    const name = `${key}:${day}`;
    return [
      ...(['usd', 'tokens'] as const)
        .filter((unit) => spent[unit] > 0)
        .map((unit) => ['HINCRBYFLOAT', name, `${field} ${unit}`, String(spent[unit])]),
      ['PEXPIREAT', name, String((day + days + 1) * dayMs)],
    ];
  }

  const inMinute = (scope: string | undefined, spent: Spent, atMs: number): Command[] =>
    add(keys.minutes, minuteField(atMs - (atMs % minuteMs), scope), spent, atMs, minuteDays);
  const inConversation = (name: string, spent: Spent, atMs: number): Command[] =>
    add(keys.conversations, name, spent, atMs, conversationDays);

  return {
    charge: ({ conversation, scope }: Spender, spent: Spent, atMs: number): Command[] => [
      ...inMinute(scope, spent, atMs),
      ...inConversation(conversation, spent, atMs),
    ],
    seed: ({ minutes, conversations }: SpendingSnapshot, nowMs: number): Command[] => [
      ...minutes.flatMap(({ atMs, scope, ...spent }) => inMinute(scope, spent, atMs)),
      ...conversations.flatMap(([name, spent]) => inConversation(name, spent, nowMs)),
    ],
    reads(nowMs: number): Command[] {
      const today = Math.floor(nowMs / dayMs);
      const last = (key: string, days: number): Command[] =>
        Array.from({ length: days }, (_, age) => ['HGETALL', `${key}:${today - age}`]);
      return [...last(keys.minutes, minuteDays), ...last(keys.conversations, conversationDays)];
    },
    state(replies: readonly unknown[]): SpendingSnapshot {
      const minutes = [...sums(replies.slice(0, minuteDays))].map(([field, spent]) => ({
        ...readMinute(field),
        ...spent,
      }));
      return {
        minutes: minutes.toSorted((a, b) => a.atMs - b.atMs),
        conversations: [...sums(replies.slice(minuteDays))],
      };
    },
  };
}

/** A minute, and the scope that spent in it. */
function minuteField(atMs: number, scope: string | undefined): string {
  return scope === undefined ? String(atMs) : `${atMs}/${encodeURIComponent(scope)}`;
}

function readMinute(field: string): { atMs: number; scope?: string } {
  const [atMs = '', scope] = field.split('/');
  return scope === undefined ? { atMs: Number(atMs) } : { atMs: Number(atMs), scope: decodeURIComponent(scope) };
}

/** Of fields such as `NAME usd`, over several hashes. */
function sums(replies: readonly unknown[]): Map<string, Spent> {
  const found = new Map<string, Spent>();
  for (const [field, value] of replies.flatMap(pairsOf)) {
    const [name = '', unit] = field.split(' ');
    const spent = found.get(name) ?? { usd: 0, tokens: 0 };
    found.set(name, spent);
    if (unit === 'usd' || unit === 'tokens') spent[unit] += Number(value);
  }
  return found;
}
