// `npm run package`: builds, and packs what ships into dist/ccr-vscode.vsix, or into the file of `--out`. The same sources
// give the same bytes, in whatever folder, at whatever time and for whoever packs them (https://reproducible-builds.org).
// The date inside is SOURCE_DATE_EPOCH (seconds since 1970), by default that of the commit.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withPlainModes } from './bundle/zipModes.mjs';
import { pinnedNode, projectRoot } from './project.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist/ccr-vscode.vsix' } } });
const file = path.resolve(values.out);
const vsce = path.join(projectRoot, 'node_modules', '@vscode', 'vsce', 'vsce');
mkdirSync(path.dirname(file), { recursive: true });
run([path.join(projectRoot, 'esbuild.mjs')]);
// The zip's dates are in local time, and its order is that of the locale.
run([vsce, 'package', '--no-dependencies', '--out', file], { SOURCE_DATE_EPOCH: sourceDate(), TZ: 'UTC', LC_ALL: 'C' });
const bytes = withPlainModes(readFileSync(file));
writeFileSync(file, bytes);
console.log(`sha256 ${createHash('sha256').update(bytes).digest('hex')}`);

function run(words, environment = {}) {
  execFileSync(pinnedNode, words, { cwd: projectRoot, env: { ...process.env, ...environment }, stdio: 'inherit' });
}

/** Outside of a clone: the earliest date that a zip can have. */
function sourceDate() {
  if (process.env.SOURCE_DATE_EPOCH) return process.env.SOURCE_DATE_EPOCH;
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: projectRoot, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '315532800';
}
