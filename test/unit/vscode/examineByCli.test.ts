import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { examineByCli } from '../../../src/vscode/examineByCli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ccr-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program in the place of `ccr`. */
function program(script: string) {
  const cliPath = path.join(folder, 'cli.cjs');
  writeFileSync(cliPath, script);
  return { nodePath: process.execPath, cliPath, electron: false };
}

describe('examineByCli', () => {
  it('reads the findings of ccr doctor, which exits with 1 for them', async () => {
    const printed = `console.log(JSON.stringify({ healthy: false, findings: [{ id: process.argv.slice(2).join(' ') }] }))`;
    const findings = await examineByCli(program(`${printed}; process.exitCode = 1;`), ['--port', '1']);
    expect(findings).toEqual([{ id: 'doctor --json --port 1' }]);
  });

  it('says what the program printed if it could not run', async () => {
    const failing = program("console.error('no such option'); process.exitCode = 2;");
    await expect(examineByCli(failing, [])).rejects.toThrow("CCR's doctor could not run: no such option");
    await expect(examineByCli(program(''), [])).rejects.toThrow('it printed nothing.');
  });
});
