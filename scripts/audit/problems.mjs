// What of npm's answers about the locked packages is a problem, as sentences.

const grave = new Set(['high', 'critical']);

/**
 * @param {{ vulnerabilities: Record<string, { severity: string, via: (string | { title: string, url: string })[] }> }} answer
 *   of `npm audit --json`
 * @param {string[]} bundled names of the packages whose code ships
 */
export function vulnerabilityProblems({ vulnerabilities }, bundled) {
  return Object.entries(vulnerabilities).flatMap(([name, { severity, via }]) => {
    const ships = bundled.includes(name);
    if (!ships && !grave.has(severity)) return [];
    const causes = via.map((cause) => (typeof cause === 'string' ? `by ${cause}` : `${cause.title} ${cause.url}`));
    return [`${name} (${ships ? 'bundled' : 'a tool'}, ${severity}): ${causes.join('; ')}`];
  });
}

/** @param {Record<'invalid' | 'missing', { name: string, version: string }[]>} answer of `npm audit signatures --json` */
export function signatureProblems({ invalid, missing }) {
  const describe = (what) => (each) => `${each.name} ${each.version}: ${what}`;
  return [...invalid.map(describe('signature or provenance is invalid')), ...missing.map(describe('no signature'))];
}
