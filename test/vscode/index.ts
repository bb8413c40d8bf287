// Runs inside the extension host: VS Code calls `run` and turns its outcome into the exit code.
import { appendFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

const testTimeoutMs = 45_000;

export async function run(): Promise<void> {
  const write = reportWriter();
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: testTimeoutMs });
  const suites = readdirSync(__dirname).filter((name) => name.endsWith('.suite.cjs'));
  for (const name of suites) mocha.addFile(path.join(__dirname, name));
  const failures = await runMocha(mocha, write);
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

function runMocha(mocha: Mocha, write: (line: string) => void): Promise<number> {
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => {
      write(`${runner.stats?.passes ?? 0} passed, ${failures} failed`);
      resolve(failures);
    });
  });
}

/**
 * Our stand-in for VS Code shows what is in the file VSCODE_HOST_REPORT, since a workbench in a browser mixes its own log
 * into the console. Desktop VS Code has no such file; there the console is its stdout.
 */
function reportWriter(): (line: string) => void {
  const file = process.env['VSCODE_HOST_REPORT'];
  if (file === undefined) return (line) => console.log(line);
  const write = (...values: unknown[]): void => appendFileSync(file, `${format(...values)}\n`);
  // Not in mocha's types, though its documentation names it as the way to redirect a reporter.
  Object.assign(Mocha.reporters.Base, { consoleLog: write });
  return write;
}
