import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/canonical/request.ts';
import { createResultComparison } from '../../../src/gateway/sameResult.ts';

const isSame = (a: string, b: string): boolean =>
  createResultComparison()([{ type: 'text', text: a }], [{ type: 'text', text: b }]);

/** As Codex 0.169 writes it. */
const codex = (chunk: string, seconds: string, count: number, output: string): string =>
  `Chunk ID: ${chunk}\nWall time: ${seconds} seconds\nProcess exited with code 2\nOriginal token count: ${count}\nOutput:\n${output}\n`;

describe('createResultComparison', () => {
  it.each([
    ["Codex's own lines", codex('b4d109', '0.0000', 19, 'no'), codex('fc53ff', '0.0512', 20, 'no')],
    ['older Codex', '{"metadata":{"duration_seconds":0.1}}', '{"metadata":{"duration_seconds":2}}'],
    [
      'the start of a process that goes on',
      'Wall time: 10.0 seconds\nProcess running with session ID 4\nOutput:\n',
      'Wall time: 10.1 seconds\nProcess running with session ID 5\nOutput:\n',
    ],
    ['times', '2026-11-26T17:35:47.122Z warn: no', '2026-11-26T17:36:02.9Z warn: no'],
    ['the output of date', 'Thu Nov 26 17:35:47 UTC 2026', 'Thu Nov 26 17:35:49 UTC 2026'],
    ['times of a day', '[17:35:47] fail', '[9:01:02.123] fail'],
    ['seconds since 1970', '1795714552145393456 no', '1795714552219688156 no'],
    ['a summary of pytest', '1 failed in 0.12s', '1 failed in 1.05s'],
    ['a summary of jest', 'Tests: 1 failed\nTime:        1.234 s', 'Tests: 1 failed\nTime:        2 s'],
    ['a summary of mocha', '1 failing (12ms)', '1 failing (2s)'],
    ['time', 'real\t0m0.123s', 'real\t1m3.456s'],
    ['a temporary folder', "can't open /tmp/tmp.aB3x/out.txt", "can't open /tmp/tmp.Zz91/out.txt"],
    ['process ids', 'killed, pid 1234', 'killed, pid 998'],
    ['UUIDs', 'id 0b0e5f0e-5d0c-4a39-8f5d-0a1b2c3d4e5f', 'id 1b0e5f0e-5d0c-4a39-8f5d-0a1b2c3d4e5f'],
    ['the order of output and errors', 'ls: no such file\n17:35:47', '17:35:48\nls: no such file'],
    ['addresses', 'at 0x7f00aa10', 'at 0x7f00bb20'],
  ])('leaves out what is new in each run: %s', (_, a, b) => {
    expect(isSame(a, b)).toBe(true);
  });

  it.each([
    ['another exit code', codex('b4d109', '0.1', 1, 'no'), codex('b4d109', '0.1', 1, 'no').replace('code 2', 'code 0')],
    ['another output', codex('b4d109', '0.1', 1, 'no'), codex('b4d109', '0.1', 1, 'yes')],
    ['a count', '3 of 9 done', '4 of 9 done'],
    ['a time that someone waited', 'waited 3 s', 'waited 4 s'],
    ['numbers of tests', '1 failed in 0.12s', '2 failed in 0.12s'],
    ['another file of the same temporary folder', '/tmp/x/a.txt', '/tmp/x/b.txt'],
    ['a percentage', 'progress: 10.5 %', 'progress: 11.5 %'],
    ['a version', 'node v24.1.0', 'node v24.2.0'],
  ])('sees %s', (_, a, b) => {
    expect(isSame(a, b)).toBe(false);
  });

  it('counts waiting for one process or task as progress', () => {
    const waiting = 'Wall time: 30.0 seconds\nProcess running with session ID 4\nOutput:\n';
    expect(isSame(waiting, waiting)).toBe(false);
    expect(isSame('<status>running</status>', '<status>running</status>')).toBe(false);
  });

  it('counts pictures, and another number of texts, as new', () => {
    const isSameResult = createResultComparison();
    const text: Part = { type: 'text', text: 'x' };
    const picture: Part = { type: 'image', url: 'data:image/png;base64,AA==' };
    expect(isSameResult([text, picture], [text, picture])).toBe(false);
    expect(isSameResult([text], [text, text])).toBe(false);
  });
});
