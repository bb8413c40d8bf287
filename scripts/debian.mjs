// Finds and installs programs that the tests need and npm does not have. Builtins only, Node 20 or newer.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** Where Debian puts servers, which is not on everybody's PATH. */
const serverFolder = '/usr/sbin';

/** The path of the first of these programs that is on the PATH, or undefined. */
export function findProgram(names) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), serverFolder];
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

/** Whether this is a file that we may run. */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs packages with apt when run as root on Debian or a derivative, else does nothing. Throws when apt fails. */
export function installFromDebian(...names) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) return;
  console.log(`Installing ${names.join(', ')} with apt-get ...`);
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', ...names);
}

/** Shows apt's output only when it fails. */
function aptGet(...aptArguments) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', aptArguments, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    throw new Error(`apt-get ${aptArguments.join(' ')} failed: ${error.stderr || error.message}`, { cause: error });
  }
}
