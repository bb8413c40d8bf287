// Installs clients on demand into .cache/clients: older Codex CLIs and Claude Code are too big for everybody's node_modules.
// Builtins only, Node 20 or newer. As a program: `node test/e2e/installCodex.mjs` installs all that the tests use.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder, isWindows, runNpm } from '../../scripts/project.mjs';

const olderCodex = '0.80.0';
const currentClaudeCode = '2.1.330';

const clientsFolder = path.join(cacheFolder, 'clients');

/** The path of that version's codex.js. Idempotent; a half-finished install leaves nothing behind. */
export async function installCodex(version = olderCodex) {
  const modules = install({ name: '@openai/codex', version, folder: version });
  return path.join(modules, '@openai', 'codex', 'bin', 'codex.js');
}

/** The path of that version's program. Its package's own `bin` is a stub until an install script has run, so not that. */
export async function installClaudeCode(version = currentClaudeCode) {
  const modules = install({ name: '@anthropic-ai/claude-code', version, folder: `claude-code-${version}` });
  const program = `claude-code-${process.platform}-${process.arch}`;
  return path.join(modules, '@anthropic-ai', program, isWindows ? 'claude.exe' : 'claude');
}

/** The node_modules of `folder`, with the package in it. */
function install({ name, version, folder }) {
  const target = path.join(clientsFolder, folder);
  const modules = path.join(target, 'node_modules');
  const manifest = path.join(modules, name, 'package.json');
  const installed = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
  if (installed !== version) installAnew(`${name}@${version}`, target);
  return modules;
}

function installAnew(specifier, target) {
  mkdirSync(clientsFolder, { recursive: true });
  const workshop = mkdtempSync(path.join(clientsFolder, 'installing-'));
  try {
    // A package.json of its own keeps npm from installing into the project above.
    writeFileSync(path.join(workshop, 'package.json'), '{ "private": true }\n');
    runNpm(['install', specifier, '--no-audit', '--no-fund', '--loglevel=error'], { folder: workshop });
    rmSync(target, { recursive: true, force: true });
    renameSync(workshop, target);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(await installCodex());
  console.log(await installClaudeCode());
}
