// Installs VS Code's server (code-server) into .cache/vscode-host, once, in half a minute, without compiling. It is not a
// devDependency because its install scripts compile, and its VS Code part is installed separately.
// Builtins only, and Node 20 or newer: it runs before the project's packages exist.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, isWindows, runNpm } from '../project.mjs';

/** code-server 4.139.1 is VS Code 1.139.1; it needs Node 24, which the project pins. */
const version = '4.139.1';
const hostFolder = path.join(cacheFolder, 'vscode-host', version);
const serverFolder = path.join('node_modules', 'code-server');
/** The script that starts the server. */
export const serverEntry = path.join(hostFolder, serverFolder, 'out', 'node', 'entry.js');

/** Installs the host unless it is installed. An incomplete installation is never used. */
export function installVscodeHost() {
  if (existsSync(serverEntry)) return;
  if (isWindows)
    throw new Error('code-server does not run on Windows: install desktop VS Code, https://code.visualstudio.com');
  console.log(`Installing VS Code's server (code-server ${version}) ...`);
  const partial = `${hostFolder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    installServer(partial);
    adopt(partial);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function installServer(folder) {
  const manifest = { private: true, dependencies: { 'code-server': version } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  npmInstall(folder);
  const vscode = path.join(folder, serverFolder, 'lib', 'vscode');
  npmInstall(vscode);
  removeUnused(vscode);
  copyFileSync(
    new URL('spdlog.cjs', import.meta.url),
    path.join(vscode, 'node_modules', '@vscode', 'spdlog', 'index.js'),
  );
}

/** Not `npm ci`: the server's shrinkwrap is out of step with its package.json. Prebuilt bindings need no install scripts. */
function npmInstall(folder) {
  runNpm(
    ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
    { folder },
  );
}

/** 220 MB of GitHub Copilot, which nothing here uses. */
function removeUnused(vscode) {
  const github = path.join(vscode, 'node_modules', '@github');
  const copilot = existsSync(github) ? readdirSync(github).filter((name) => name.startsWith('copilot-sdk-')) : [];
  const unused = [
    ...copilot.map((name) => path.join(github, name)),
    path.join(vscode, 'node_modules/@microsoft/mxc-sdk'),
    path.join(vscode, 'extensions/copilot'),
  ];
  for (const folder of unused) rmSync(folder, { recursive: true, force: true });
}

/** Keeps the copy of another process that has installed it in the meantime. */
function adopt(partial) {
  if (!existsSync(hostFolder)) renameSync(partial, hostFolder);
}

// On Windows there is desktop VS Code only, which test-electron fetches itself.
if (process.argv[1] === fileURLToPath(import.meta.url) && !isWindows) {
  installVscodeHost();
}
