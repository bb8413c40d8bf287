#!/usr/bin/env node
// Stands in for the `code` executable where no desktop VS Code can be had: code-server and a headless Chromium behind VS
// Code's command line. Give it to @vscode/test-electron's runTests() as vscodeExecutablePath. Environment:
//   VSCODE_HOST_TIMEOUT_MS   how long a test run may take, 300000
//   VSCODE_HOST_VERBOSE      1 shows the extension host's and the workbench's console
//   CHROMIUM                 the browser, if not the one found
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../project.mjs';
import { interruption } from '../processGroup.mjs';
import { openBrowser, workbenchUrl } from './browser.mjs';
import { readCommandLine } from './commandLine.mjs';
import { installVscodeHost } from './install.mjs';
import { createProfile, profileIn } from './profile.mjs';
import { followReport } from './report.mjs';
import { runServerCommand, startServer } from './server.mjs';
import { prepareTestSession } from './testSession.mjs';

const testTimeoutMs = Number(process.env.VSCODE_HOST_TIMEOUT_MS ?? 300_000);
const parentCheckMs = 500;

const commandLine = readCommandLine(process.argv.slice(2));
const interrupted = waitForInterruption();
const temporaryFolder = mkdtempSync(path.join(tmpdir(), 'vscode-host-'));
process.on('exit', () => rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5 }));
process.exit(await run().catch(report));

async function run() {
  installVscodeHost();
  const { dataFolder, extensionsFolder } = { ...profileIn(temporaryFolder), ...commandLine };
  const profile = createProfile({ dataFolder, extensionsFolder });
  if (commandLine.serverCommand.length > 0) return runServerCommand(profile, commandLine.serverCommand);
  return showWorkbench(profile);
}

/** Resolves with the exit code when the tests have ended, the window is closed, or this process is asked to end. */
async function showWorkbench(profile) {
  await using cleanUp = new AsyncDisposableStack();
  const testReport = followReport(path.join(temporaryFolder, 'report.txt'));
  const server = await startServer(profile, { environment: { ...process.env, VSCODE_HOST_REPORT: testReport.file } });
  cleanUp.defer(server.end);
  const { page, close } = await openBrowser();
  cleanUp.defer(close);
  const session = await prepareTestSession(page, { url: server.url, ...commandLine });
  const closed = new Promise((resolve) => page.once('close', resolve).once('crash', resolve));
  await page.goto(workbenchUrl({ url: server.url, ...commandLine, ...openedPath() }));

  const outcomes = [
    session.exited,
    server.ended.then(() => 1),
    closed.then(() => (commandLine.testsPath ? 1 : 0)),
    interrupted,
  ];
  if (commandLine.testsPath) outcomes.push(testTimeout(page));
  const code = await Promise.race(outcomes);
  const { isEmpty } = testReport.end();
  if (code !== 0 && isEmpty) console.error(session.console.join('\n'));
  return code;
}

function openedPath() {
  const opened = commandLine.paths.find((file) => existsSync(file));
  if (!opened) return {};
  return statSync(opened).isDirectory() ? { folder: opened } : { workspace: opened };
}

async function testTimeout(page) {
  await new Promise((resolve) => setTimeout(resolve, testTimeoutMs).unref());
  const screenshot = path.join(cacheFolder, 'screenshots', 'vscode-host-timeout.png');
  await page.screenshot({ path: screenshot }).catch(() => undefined);
  console.error(`No test result within ${testTimeoutMs} ms; the window: ${screenshot}`);
  return 1;
}

/** Resolves when the parent process asks this one to end, or has ended itself. */
function waitForInterruption() {
  const parent = process.ppid;
  const orphaned = new Promise((resolve) => {
    setInterval(() => process.ppid !== parent && resolve(1), parentCheckMs).unref();
  });
  return Promise.race([interruption().then(() => 130), orphaned]);
}

function report(error) {
  console.error(error);
  return 1;
}
