import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fittingName } from '../../../src/canonical/fittingName.ts';

const plain = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 64 };
const letterFirst = { pattern: /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/, length: 64 };
const dotted = { pattern: /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/, length: 64 };
const free = (): boolean => false;

describe('fittingName', () => {
  it.each([
    ['files.read/v2', plain, 'files_read_v2'],
    ['files.read', dotted, 'files.read'],
    ['mcp:über tool', plain, 'mcp_uber_tool'],
    ['7zip', plain, '7zip'],
    ['7zip', dotted, '_7zip'],
    ['7zip', letterFirst, 'tool_7zip'],
    ['_x', letterFirst, 'tool__x'],
    ['', plain, '_'],
    ['$select', dotted, '_select'],
    ['x'.repeat(80), plain, 'x'.repeat(64)],
    [`7${'x'.repeat(80)}`, letterFirst, `tool_7${'x'.repeat(58)}`],
  ])('%s', (wanted, rule, expected) => {
    expect(fittingName(wanted, rule, free)).toBe(expected);
  });

  it('keeps names apart', () => {
    const taken = new Set(['a_b', 'a_b_2', 'x'.repeat(64)]);
    expect(fittingName('a.b', plain, (name) => taken.has(name))).toBe('a_b_3');
    expect(fittingName('x'.repeat(90), plain, (name) => taken.has(name))).toBe(`${'x'.repeat(62)}_2`);
  });

  it('makes a name of anything', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 100 }), (wanted) => {
        for (const rule of [plain, letterFirst, dotted]) expect(fittingName(wanted, rule, free)).toMatch(rule.pattern);
      }),
    );
  });
});
