// Opens desktop VS Code with the extension loaded from this checkout.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { cacheFolder, isWindows, projectRoot, runNpm, toolsEnvironment } from '../project.mjs';
import { createDemoWorkspace } from './demoWorkspace.mjs';

/** The `code` on the PATH, unless there is no screen to open a window on. */
export function findDesktop() {
  if (!hasScreen()) return undefined;
  const name = isWindows ? 'code.cmd' : 'code';
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

/** Builds and opens a window. `code` returns at once; the window stays. */
export function openInDesktop(code) {
  runNpm(['run', '--silent', 'build']);
  const words = [...rootFlags(), `--extensionDevelopmentPath=${projectRoot}`, '--new-window', createDemoWorkspace()];
  // On Windows `code` is a .cmd, which only a shell can start.
  const [command, commandArguments] = isWindows ? [quote(code), words.map(quote)] : [code, words];
  const { status } = spawnSync(command, commandArguments, {
    stdio: 'inherit',
    env: toolsEnvironment(),
    shell: isWindows,
  });
  if (status === 0)
    console.log('VS Code opens with CCR running the demo provider: see the status bar, and the README of the folder.');
  return status ?? 1;
}

function hasScreen() {
  if (process.platform !== 'linux') return true;
  return ['DISPLAY', 'WAYLAND_DISPLAY', 'WSL_DISTRO_NAME'].some((name) => process.env[name]);
}

/** Without these, `code` refuses to run as root. */
function rootFlags() {
  const isRootOnLinux = process.platform === 'linux' && process.getuid() === 0;
  return isRootOnLinux ? ['--no-sandbox', `--user-data-dir=${path.join(cacheFolder, 'vscode-desktop')}`] : [];
}

function quote(word) {
  return `"${word}"`;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
