// Finds a Chromium or Chrome for the browser half of a headless VS Code. Builtins only, Node 20 or newer.
import { findProgram, installFromDebian, isExecutable } from '../debian.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const usualPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** The executable's path: from CHROMIUM in the environment, else on the PATH, else in a usual place. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  return findProgram(names) ?? usualPaths.find(isExecutable);
}

/** Like findChromium, but installs one when run as root on Debian or a derivative. Throws with instructions when there is none. */
export function ensureChromium() {
  if (findChromium() === undefined) installFromDebian('chromium');
  const found = findChromium();
  if (found === undefined)
    throw new Error('No Chromium or Chrome found: install one, or name one in the environment variable CHROMIUM.');
  return found;
}
