// The packages whose code is in the bundles, from what esbuild says it read, with what the lock file says of each.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {object} BundledPackage
 * @property {string} name
 * @property {string} version
 * @property {string} license an SPDX expression
 * @property {string} integrity of the package's tarball, as the lock file has it: `sha512-` and Base64
 * @property {string[]} dependencies names of the other bundled packages that it declares
 * @property {string} text its licence and notice, which ship with its code
 */

/**
 * Sorted by name. Throws where an installed package is not the one of the lock file.
 * @param {{ outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> }} metafile
 * @param {string} root the folder with package-lock.json
 * @returns {BundledPackage[]}
 */
export function bundledPackages({ outputs }, root) {
  const locked = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = new Set(inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 && folderOf(file)) || []));
  const names = new Set([...folders].map(nameOf));
  return [...folders].sort().map((folder) => {
    const { name, version, license, dependencies = {} } = readPackage(path.join(root, folder));
    const entry = locked[folder];
    if (entry?.version !== version)
      throw new Error(`${folder} is version ${version}, not ${entry?.version} as in the lock file: run npm install.`);
    const bundled = Object.keys(dependencies).filter((each) => names.has(each));
    const text = licenceText(path.join(root, folder));
    return { name, version, license, integrity: entry.integrity, dependencies: bundled, text };
  });
}

/** As the lock file names it: a package inside of another one's folder too. */
function folderOf(file) {
  const start = file.indexOf('node_modules/');
  if (start < 0) return undefined;
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file.slice(start))?.[0];
}

function nameOf(folder) {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function readPackage(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

/** Apache 2.0 asks for the notice file too, if there is one. */
function licenceText(folder) {
  const files = readdirSync(folder).filter((entry) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(entry));
  return files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n');
}
