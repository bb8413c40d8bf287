// Runs the suites of this folder inside a real extension host: in desktop VS Code when VSCODE_EXECUTABLE names one, on
// Windows in one that test-electron downloads, else in code-server behind our stand-in for `code`.
// `--bench` measures there instead: `npm run bench:window`.
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { runTests } from '@vscode/test-electron';
import { isWindows, projectRoot } from '../../scripts/project.mjs';
import { createSandbox } from '../sandbox.mjs';
import { benchEntry, buildHostTests, testsEntry } from './build.mjs';

const standIn = path.join(projectRoot, 'scripts', 'vscodeHost', 'code.mjs');

await buildHostTests();
const sandbox = await createSandbox();
process.on('exit', sandbox.remove);
// test-electron handles only SIGINT: the first one closes VS Code, a second one kills it. A SIGTERM arrives twice: from the
// process that ended npm's process group, and from npm itself.
process.on('SIGTERM', () => undefined).once('SIGTERM', () => process.emit('SIGINT') || process.exit(130));
const tally = watchTally(process.stdout);
try {
  process.exitCode = await runTests(testOptions());
} catch (error) {
  console.error(error.message);
  process.exitCode = error.code || 1;
}
if (!tally.wasPrinted()) console.log('0 passed, 1 failed');

function testOptions() {
  const { profile, environment, workspace } = sandbox;
  // test-electron adds these to its own environment, so a variable to be left out has to be emptied there.
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  return {
    vscodeExecutablePath: process.env.VSCODE_EXECUTABLE || (isWindows ? undefined : standIn),
    extensionDevelopmentPath: [projectRoot, path.join(import.meta.dirname, 'companion')],
    extensionTestsPath: process.argv.includes('--bench') ? benchEntry : testsEntry,
    extensionTestsEnv: environment,
    launchArgs: [
      workspace,
      '--disable-extensions',
      `--user-data-dir=${profile.dataFolder}`,
      `--extensions-dir=${profile.extensionsFolder}`,
    ],
    stdout: tally.stream,
  };
}

/** Passes the host's output on and detects whether the suite printed its last line. */
function watchTally(output) {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
    output.write(chunk);
  });
  return { stream, wasPrinted: () => /^\d+ passed, \d+ failed$/m.test(text) };
}
