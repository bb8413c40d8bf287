// Which licences of bundled packages go with our own, MIT: those that ask for no more than their text and notices, which ship.

/** SPDX identifiers. A new one needs to be read first. */
const fitLicences = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0']);

/**
 * What forbids to ship these packages, as sentences.
 * @param {import('./packages.mjs').BundledPackage[]} packages
 */
export function licenceProblems(packages) {
  return packages.flatMap(({ name, version, license, text }) => {
    const problems = [];
    if (!isFit(license)) problems.push(`${name} ${version}: its licence, ${license}, does not go with MIT.`);
    if (text === '') problems.push(`${name} ${version}: the text of its licence is missing from the package.`);
    return problems;
  });
}

/** Of `A OR B` one has to be fit. Anything else that is not one identifier is read by a person. */
function isFit(license) {
  if (typeof license !== 'string') return false;
  const choices = license.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return choices.some((choice) => fitLicences.has(choice));
}
