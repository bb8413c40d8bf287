import { describe, expect, it } from 'vitest';
import { ruleSchema } from '../../../src/config/ruleSchema.ts';
import { ruleHolds, type RuleFacts } from '../../../src/routing/rules.ts';

/** A Thursday. Local time. */
const at = (hour: number, minute = 0, day = 26): number => new Date(2026, 10, day, hour, minute).getTime();

const base: RuleFacts = {
  client: 'codex',
  intent: { class: 'subagent', agentType: 'Explore', searchesWeb: false, hasImage: false, thinks: false },
  model: 'gpt-5-mini',
  tokens: 5000,
  tools: ['exec_command', 'apply_patch'],
  headers: { 'x-team': 'blue' },
  scope: 'w1',
  nowMs: at(10),
};

const holds = (when: object, facts: Partial<RuleFacts> = {}): boolean =>
  ruleHolds(ruleSchema.parse({ when, route: 'default' }), { ...base, ...facts });

describe('the conditions of a rule', () => {
  it.each([
    [{}],
    [{ client: 'codex' }],
    [{ client: ['claude-code', 'codex'] }],
    [{ class: 'subagent' }],
    [{ agentType: 'exp*' }],
    [{ model: 'gpt-*-mini' }],
    [{ model: ['x', '*'] }],
    [{ hasImage: false }],
    [{ tokensOver: 4999 }],
    [{ tool: 'apply_*' }],
    [{ header: { 'X-Team': 'BLUE' } }],
    [{ scope: ['w0', 'w1'] }],
    [{ model: 'g*m*i' }],
    [{ scope: 'w1' }],
    [{ time: '09:00-17:00' }],
    [{ client: 'codex', class: ['main', 'subagent'], tokensOver: 10 }],
  ])('hold: %j', (when) => {
    expect(holds(when)).toBe(true);
  });

  it.each([
    [{ client: 'other' }],
    [{ class: 'main' }],
    [{ agentType: 'Plan' }],
    [{ model: 'gpt-5' }],
    // A dot is a dot.
    [{ model: 'gpt.5*' }],
    [{ hasImage: true }],
    [{ tokensOver: 5000 }],
    [{ tool: 'web_search' }],
    [{ header: { 'x-team': 'red' } }],
    [{ header: { 'x-other': '*' } }],
    [{ header: { 'x-team': 'blue', 'x-other': 'set' } }],
    [{ model: 'gpt-5-min' }],
    [{ model: 'pt-5-mini' }],
    [{ scope: 'w2' }],
    [{ time: '22:00-06:00' }],
    [{ client: 'codex', class: 'main' }],
  ])('do not hold: %j', (when) => {
    expect(holds(when)).toBe(false);
  });

  it.each([
    ['22:00-06:00', at(23), true],
    ['22:00-06:00', at(5, 59), true],
    ['22:00-06:00', at(6), false],
    ['22:00-06:00', at(22), true],
    ['22:00-06:00', at(21, 59), false],
    ['09:15-17:30', at(9, 15), true],
    ['09:15-17:30', at(9, 14), false],
    ['09:15-17:30', at(17, 30), false],
    ['09:15-17:30', at(20), false],
    ['09:15-17:30', at(3), false],
    // All day.
    ['08:00-08:00', at(7, 59), true],
    ['08:00-08:00', at(8), true],
    ['Thu-Fri 09:00-17:30', at(12), true],
    ['Tue-Thu 09:00-17:30', at(12), true],
    ['Fri-Sun 09:00-17:30', at(12), false],
    ['Thu-Mon 09:00-17:30', at(12), true],
    ['Sat-Thu 09:00-17:30', at(12), true],
    ['Sun-Mon 09:00-17:30', at(12, 0, 29), true],
    ['Mon-Fri 09:00-17:30', at(17, 29), true],
    ['Mon-Fri 09:00-17:30', at(12, 0, 28), false],
    ['Sat-Mon 00:00-23:59', at(12, 0, 29), true],
    ['Sat-Mon 00:00-23:59', at(12), false],
    // Friday at 5 belongs to the night that began on Thursday.
    ['Thu 22:00-06:00', at(5, 0, 27), true],
    ['Thu 22:00-06:00', at(5), false],
  ])('the time %s', (time, nowMs, expected) => {
    expect(holds({ time }, { nowMs })).toBe(expected);
  });

  it.each(['9-17', '25:00-26:00', 'Mo 09:00-17:00', '09:00'])('the time %s is invalid', (time) => {
    expect(ruleSchema.safeParse({ when: { time }, route: 'default' }).success).toBe(false);
  });
});
