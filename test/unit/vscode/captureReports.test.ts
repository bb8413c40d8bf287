import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { captureReports } from '../../../src/vscode/captureReports.ts';
import { issuePageOf } from '../../../src/vscode/issuePage.ts';
import manifest from '../../../package.json' with { type: 'json' };

const folder = mkdtempSync(path.join(tmpdir(), 'ccr-reports-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program in the place of `ccr` that prints an answer. */
function reportsOf(answer: string) {
  const cliPath = path.join(folder, 'cli.cjs');
  writeFileSync(cliPath, `console.log(${answer}); process.exitCode = 1;`);
  const program = { nodePath: process.execPath, cliPath, electron: false };
  return captureReports(program, async () => ({ config: ['--config', 'c.json'], port: ['--port', '1'] }));
}

describe('captureReports', () => {
  it('lists whole captures, and none without a folder', async () => {
    const listed = `JSON.stringify({ captures: [{ request: process.argv.slice(2).join(' ') }, { problem: 'damaged' }] })`;
    expect(await reportsOf(listed).list()).toEqual([{ request: 'captures list --json --config c.json' }]);
    expect(await reportsOf(`'{"error":"There are no captures."}'`).list()).toEqual([]);
  });

  it('makes bundles, and says why it can not', async () => {
    const made = `JSON.stringify({ captures: [1], given: process.argv.slice(2).join(' ') })`;
    const { text, isCaptured } = await reportsOf(made).bundle('req_1');
    expect(isCaptured).toBe(true);
    expect(JSON.parse(text)).toMatchObject({
      given: 'captures bundle req_1 --json -o - --config c.json --port 1',
    });
    expect((await reportsOf(`'{"captures":[]}'`).bundle('req_1')).isCaptured).toBe(false);
    await expect(reportsOf(`'{"error":"No such request."}'`).bundle('x')).rejects.toThrow('No such request.');
  });
});

it('the issue page is that of the repository in package.json', () => {
  expect(issuePageOf(manifest)).toBe('https://github.com/ccr/ccr-vscode/issues/new');
  expect(issuePageOf({})).toBeUndefined();
});
