// The licence texts of the bundled packages, which must ship with their code.

/** @param {import('./packages.mjs').BundledPackage[]} packages */
export function writeNotices(packages) {
  const notices = packages.map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`);
  return `CCR includes these packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
