// Runs code-server, the server half of VS Code, on the project's own Node. Builtins only, Node 20 or newer.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pinnedNode } from '../project.mjs';
import { endGroup, exitCodeOf, startGroup } from '../processGroup.mjs';
import { serverEntry } from './install.mjs';

const startTimeoutMs = 30_000;
const quiet = ['--auth', 'none', '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
/** Variables of a surrounding VS Code, code-server or npm that would confuse this server. */
const foreignVariables = /^(VSCODE_(?!HOST_)|CODE_SERVER_|npm_|(ELECTRON_RUN_AS_NODE|INIT_CWD|PASSWORD|PORT)$)/;

/**
 * Starts the server and waits until it listens.
 * @param {{ dataFolder: string, extensionsFolder: string }} profile
 * @param {{ port?: number, environment?: NodeJS.ProcessEnv }} options port 0, the default, picks a free one
 * @returns `url`, such as http://127.0.0.1:8391; `ended`, a promise of the exit code; `end()`, which ends all of it
 */
export async function startServer(profile, { port = 0, environment = process.env } = {}) {
  const serverArguments = [...profileArguments(profile), ...quiet, '--bind-addr', `127.0.0.1:${port}`];
  const child = startGroup(pinnedNode, [serverEntry, ...serverArguments], {
    env: serverEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = exitCodeOf(child);
  const end = () => endGroup(child);
  try {
    const url = await listeningUrl(child, path.join(profile.dataFolder, 'code-server.log'));
    return { url, ended, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Runs one of the server's short commands, such as `--list-extensions`, to its end. Resolves with its exit code. */
export function runServerCommand(profile, commandArguments, { output = 'inherit' } = {}) {
  const child = startGroup(pinnedNode, [serverEntry, ...profileArguments(profile), ...commandArguments], {
    env: serverEnvironment(process.env),
    stdio: ['ignore', output, 'inherit'],
  });
  return exitCodeOf(child);
}

/** Installs a packaged extension into the profile. */
export async function installExtension(profile, vsix) {
  const code = await runServerCommand(profile, ['--install-extension', vsix, '--force'], { output: 'ignore' });
  if (code !== 0) throw new Error(`VS Code's server refused ${vsix}`);
}

function profileArguments({ dataFolder, extensionsFolder }) {
  mkdirSync(dataFolder, { recursive: true });
  // Without its own file, code-server writes one into the home folder.
  const configuration = path.join(dataFolder, 'code-server.yaml');
  writeFileSync(configuration, '');
  return ['--config', configuration, '--user-data-dir', dataFolder, '--extensions-dir', extensionsFolder];
}

function serverEnvironment(environment) {
  const kept = Object.entries(environment).filter(([name]) => !foreignVariables.test(name));
  return {
    ...Object.fromEntries(kept),
    EXTENSIONS_GALLERY: '{}', // no look-ups in an extension gallery
    VSCODE_CLI: '1', // started from a command line: else terminals get a login shell's PATH instead of ours
  };
}

/** Writes the whole log to a file. The error's text includes the output before the server listened. */
function listeningUrl(child, logFile) {
  const log = createWriteStream(logFile, { flags: 'a' });
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (problem) => reject(new Error(`VS Code's server ${problem}\n${output}`));
    const timer = setTimeout(() => fail(`did not start within ${startTimeoutMs} ms`), startTimeoutMs);
    const read = (chunk) => {
      log.write(chunk);
      output = `${output}${chunk}`.slice(-20_000);
      const address = /HTTP server listening on (http:\/\/[\d.:]+)/.exec(output);
      if (!address) return;
      clearTimeout(timer);
      resolve(address[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => fail(`ended with code ${code}`)).on('error', (error) => fail(error.message));
    child.on('exit', () => clearTimeout(timer));
  });
}
