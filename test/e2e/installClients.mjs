// Installs clients on demand into .cache/clients, each into a folder of its own: other Codex CLIs, Claude Code and the Vercel
// AI SDK are too big, or too many, for the project's node_modules. Builtins only, Node 20 or newer. As a program,
// `node test/e2e/installClients.mjs` installs everything that the tests use.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder, isWindows, runNpm } from '../../scripts/project.mjs';

/** Besides the one in the project's node_modules, whose requests are the fixtures. */
const otherCodex = ['0.80.0', '0.98.0', '0.130.0', '0.155.0', '0.171.0'];
const currentClaudeCode = '2.1.332';

/** The oldest and the newest of the tests. The doctor tells users of another version. */
export const testedVersions = { codex: [otherCodex[0], otherCodex.at(-1)], claude: ['2.1.330', currentClaudeCode] };
const currentOpenCode = '1.18.33';
const aiPackages = {
  ai: '7.0.173',
  '@ai-sdk/anthropic': '4.0.105',
  '@ai-sdk/openai': '4.0.118',
  '@ai-sdk/openai-compatible': '3.0.92',
  zod: '4.6.7',
};

const clientsFolder = path.join(cacheFolder, 'clients');

/** The path of that version's codex.js. Idempotent; a half-finished install leaves nothing behind. */
export async function installCodex(version = otherCodex[0]) {
  const modules = install({ folder: `codex-${version}`, packages: { '@openai/codex': version } });
  return path.join(modules, '@openai', 'codex', 'bin', 'codex.js');
}

/** The path of that version's program. Not the package's `bin`, which is a stub until an install script has run. */
export async function installClaudeCode(version = currentClaudeCode) {
  const modules = install({
    folder: `claude-code-${version}`,
    packages: { '@anthropic-ai/claude-code': version },
  });
  const program = `claude-code-${process.platform}-${process.arch}`;
  return path.join(modules, '@anthropic-ai', program, isWindows ? 'claude.exe' : 'claude');
}

/** The path of OpenCode's program for this platform. */
export async function installOpenCode(version = currentOpenCode) {
  const modules = install({ folder: `opencode-${version}`, packages: { 'opencode-ai': version } });
  const platform = isWindows ? 'windows' : process.platform;
  return path.join(modules, `opencode-${platform}-${process.arch}`, 'bin', isWindows ? 'opencode.exe' : 'opencode');
}

/** The node_modules with the Vercel AI SDK and three of its providers. */
export async function installAiSdk() {
  return install({ folder: 'ai', packages: aiPackages });
}

/** The node_modules with that version of a package. */
export async function installPackage(name, version) {
  return install({ folder: `${name.replaceAll(/[^\w-]/g, '-')}-${version}`, packages: { [name]: version } });
}

/** The node_modules of `folder`, with the packages in it. */
function install({ folder, packages }) {
  const target = path.join(clientsFolder, folder);
  const modules = path.join(target, 'node_modules');
  const isInstalled = Object.entries(packages).every(([name, version]) => installedVersion(modules, name) === version);
  if (!isInstalled) installAnew(packages, target);
  return modules;
}

function installedVersion(modules, name) {
  const manifest = path.join(modules, name, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

function installAnew(packages, target) {
  mkdirSync(clientsFolder, { recursive: true });
  const workshop = mkdtempSync(path.join(clientsFolder, 'installing-'));
  try {
    // Without a package.json here, npm would install into the project above.
    writeFileSync(path.join(workshop, 'package.json'), '{ "private": true }\n');
    const specifiers = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    runNpm(['install', ...specifiers, '--save-exact', '--no-audit', '--no-fund', '--loglevel=error'], {
      folder: workshop,
    });
    rmSync(target, { recursive: true, force: true });
    renameSync(workshop, target);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const version of otherCodex) console.log(await installCodex(version));
  console.log(await installClaudeCode());
  console.log(await installAiSdk());
  console.log(await installOpenCode());
}
