// Installs VS Code's server (code-server) into .cache/vscode-host: half a minute, nothing compiled, once. It is no
// devDependency because its install scripts insist on compiling, and its VS Code half has an installation of its own.
// Builtins only, and Node 20 or newer: it runs before the project's packages exist.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, isWindows, runNpm } from '../project.mjs';
import { ensureChromium } from './chromium.mjs';

/** code-server 4.139.1 is VS Code 1.139.1; it needs Node 24, which the project pins. */
const version = '4.139.1';
const hostFolder = path.join(cacheFolder, 'vscode-host', version);
const serverFolder = path.join('node_modules', 'code-server');
/** What Node runs to start the server. */
export const serverEntry = path.join(hostFolder, serverFolder, 'out', 'node', 'entry.js');

/** Installs the host unless it is there already. A half-done installation never counts as one. */
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

/** Not `npm ci`: the server's shrinkwrap is out of step with its package.json. Prebuilt bindings do without the scripts. */
function npmInstall(folder) {
  runNpm(['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'], { folder });
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

/** Another process may have installed it meanwhile; then its copy stays. */
function adopt(partial) {
  if (!existsSync(hostFolder)) renameSync(partial, hostFolder);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installVscodeHost();
  console.log(`Chromium: ${ensureChromium()}`);
}
