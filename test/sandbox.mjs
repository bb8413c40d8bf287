// A sandbox for VS Code, the gateway and Codex that does not touch the developer's own files or ports.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder, isWindows, toolsEnvironment } from '../scripts/project.mjs';
import { createProfile, profileIn } from '../scripts/vscodeHost/profile.mjs';

/** In the home folder: the exit code of each command, one line per prompt. */
export const exitCodesFile = '.exit-codes';

/** The developer's own keys and settings, which are removed from the environment. */
const ownSettings = /^(OPENAI|CODEX|ANTHROPIC|CLAUDE|CCR|RUST_LOG)(_|$)/;

/**
 * A short prompt for screenshots. Before each prompt, the exit code of the last command goes to a file, so that a test can
 * wait for a command that it typed.
 */
const shellSettings = `PS1='\\W $ '
PROMPT_COMMAND='echo $? >>~/${exitCodesFile}'
`;

/** Makes an empty home, a workspace, and a VS Code profile with a gateway port of its own. `remove()` deletes them. */
export async function createSandbox() {
  const folder = temporaryFolder(tmpdir());
  const home = temporaryFolder(cacheFolder); // Codex refuses to put its helpers below the system's temporary folder
  const workspace = path.join(folder, 'demo');
  mkdirSync(workspace);
  writeFileSync(path.join(workspace, 'README.md'), '# A demo workspace\n');
  writeFileSync(path.join(home, '.bashrc'), shellSettings);
  const { gatewayPort, reservation } = await reservePort();
  return {
    home,
    workspace,
    gatewayPort,
    profile: createProfile(profileIn(path.join(folder, 'vscode')), { 'ccr.port': gatewayPort }),
    environment: sandboxEnvironment(home),
    remove: () => [folder, home, reservation].forEach(removeFolder),
  };
}

/** An empty home folder, and the pinned tools (`codex` among them) first in PATH. */
function sandboxEnvironment(home) {
  const kept = Object.entries(toolsEnvironment()).filter(([name]) => !ownSettings.test(name));
  const homes = { HOME: home, ...(isWindows && { USERPROFILE: home }) };
  return { ...Object.fromEntries(kept), ...homes, XDG_CONFIG_HOME: path.join(home, '.config'), SHELL: '/bin/bash' };
}

function temporaryFolder(parent) {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, 'ccr-test-'));
}

function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * A port below those that the system hands out: one of those could become another program's before the gateway listens, or
 * while it restarts. The folder `reservation` keeps the sandboxes of other runs from the same port.
 */
async function reservePort() {
  for (;;) {
    const gatewayPort = randomInt(20_000, 32_000);
    const reservation = path.join(tmpdir(), `ccr-test-port-${gatewayPort}`);
    if (!makeFolder(reservation)) continue;
    if (await isFree(gatewayPort)) return { gatewayPort, reservation };
    removeFolder(reservation);
  }
}

/** Whether there was none. */
function makeFolder(folder) {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isFree(port) {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
