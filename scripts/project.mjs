// Where things are in this project, and the toolchain's own Node. These scripts start on a fresh clone, under whichever
// Node (20 or newer) the machine has, before anything is installed: builtins only.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
/** Everything that our tools download or write; ignored by git and safe to delete. */
export const cacheFolder = path.join(projectRoot, '.cache');
export const isWindows = process.platform === 'win32';

const modulesFolder = path.join(projectRoot, 'node_modules');
const toolsFolder = path.join(modulesFolder, '.bin');
/** The Node pinned in package.json: npm scripts, the gateway of `npm start` and VS Code's host all run on it. */
export const pinnedNode = path.join(modulesFolder, 'node', 'bin', isWindows ? 'node.exe' : 'node');

/** This process's environment with the project's tools, the pinned Node among them, in front of the PATH. */
export function toolsEnvironment(environment = process.env) {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const rest = (environment[name] ?? '').split(path.delimiter).filter((folder) => folder !== toolsFolder);
  return { ...environment, [name]: [toolsFolder, ...rest].join(path.delimiter) };
}

/** Runs npm to its end with its output on ours. Throws when it fails. */
export function runNpm(npmArguments, { folder = projectRoot } = {}) {
  // On Windows npm is a .cmd, which only a shell can start.
  execFileSync('npm', npmArguments, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], shell: isWindows });
}

/** Runs npm to its end and returns what it prints. Throws when it fails. */
export function npmOutput(npmArguments) {
  return execFileSync('npm', npmArguments, { cwd: projectRoot, encoding: 'utf8', shell: isWindows });
}

/** Builds the extension and packs it. Returns the .vsix's path. */
export function packageExtension() {
  const file = path.join(cacheFolder, 'ccr-vscode.vsix');
  runNpm(['run', '--silent', 'package', '--', '--out', file]);
  return file;
}

/** Installs the project's packages when they are missing or not what package-lock.json asks for. */
export function ensureModules() {
  if (modulesMatchLock()) return;
  console.log('Installing the project’s packages ...');
  // Not `npm ci`, which fails where a registry lacks a platform's optional bindings. `--no-save` keeps the lock unchanged.
  runNpm(['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']);
  if (!existsSync(pinnedNode)) {
    throw new Error(
      'npm left out the install script of the package "node". Allow it (see allowScripts in package.json), then run `npm install`.',
    );
  }
}

function modulesMatchLock() {
  if (!existsSync(pinnedNode)) return false;
  const wanted = lockedPackages(path.join(projectRoot, 'package-lock.json'));
  const installed = lockedPackages(path.join(modulesFolder, '.package-lock.json'));
  return Object.entries(wanted).every(
    ([folder, { optional, devOptional, version }]) =>
      folder === '' || optional || devOptional || installed[folder]?.version === version,
  );
}

function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}
