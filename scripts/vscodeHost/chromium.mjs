// Finds a Chromium or Chrome for the browser half of a headless VS Code. Builtins only, Node 20 or newer.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const usualPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** The executable's path: what the environment's CHROMIUM names, else one on the PATH, else one in a usual place. */
function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const onPath = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...onPath, ...usualPaths].find(isExecutable);
}

/** Like findChromium, but installs one on Debian and its kin when run as root. Throws with what to do when there is none. */
export function ensureChromium() {
  const found = findChromium() ?? installFromDebian();
  if (found === undefined)
    throw new Error('No Chromium or Chrome found: install one, or name one in the environment variable CHROMIUM.');
  return found;
}

function installFromDebian() {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) return undefined;
  console.log('Installing Chromium with apt-get ...');
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', 'chromium');
  return findChromium();
}

/** apt's progress is noise: it is shown only when apt fails. */
function aptGet(...aptArguments) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', aptArguments, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    throw new Error(`apt-get ${aptArguments.join(' ')} failed: ${error.stderr || error.message}`, { cause: error });
  }
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
