// Installs older Codex CLIs on demand into .cache/clients/<version>: they are too big for everybody's node_modules.
// Builtins only, Node 20 or newer. As a program: `node test/e2e/installCodex.mjs [version ...]`.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder, runNpm } from '../../scripts/project.mjs';

const olderCodex = '0.80.0';

const clientsFolder = path.join(cacheFolder, 'clients');

/** The path of that version's codex.js. Idempotent; a half-finished install leaves nothing behind. */
export async function installCodex(version = olderCodex) {
  const folder = path.join(clientsFolder, version);
  if (installedVersion(folder) !== version) install(version, folder);
  return codexIn(folder);
}

function install(version, folder) {
  mkdirSync(clientsFolder, { recursive: true });
  const workshop = mkdtempSync(path.join(clientsFolder, 'installing-'));
  try {
    // A package.json of its own keeps npm from installing into the project above.
    writeFileSync(path.join(workshop, 'package.json'), '{ "private": true }\n');
    runNpm(['install', `@openai/codex@${version}`, '--no-audit', '--no-fund', '--loglevel=error'], {
      folder: workshop,
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(workshop, folder);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function installedVersion(folder) {
  const manifest = path.join(folder, 'node_modules', '@openai', 'codex', 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

function codexIn(folder) {
  return path.join(folder, 'node_modules', '@openai', 'codex', 'bin', 'codex.js');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const versions = process.argv.length > 2 ? process.argv.slice(2) : [olderCodex];
  for (const version of versions) console.log(await installCodex(version));
}
