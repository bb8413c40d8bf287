// `npm run audit`: known vulnerabilities and missing or wrong signatures of the locked packages, as the registry knows them.
// What is in the bundles faces the network, so any vulnerability of these fails. Tools read only our own files, on the
// machines of developers: there, those that npm rates high or critical fail. A registry that has no such answers (a mirror,
// or no network) fails nothing, and is named; with `--strict` that fails too.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { signatureProblems, vulnerabilityProblems } from './audit/problems.mjs';
import { endGroup, exitCodeOf, startGroup } from './processGroup.mjs';
import { isWindows, projectRoot } from './project.mjs';

const timeoutMs = 90_000;
/** Fields by which an answer differs from an error, which npm writes as JSON too. */
const proof = { vulnerabilities: 'auditReportVersion', signatures: 'invalid' };

const { values } = parseArgs({ options: { strict: { type: 'boolean', default: false } } });
const bundled = JSON.parse(readFileSync(path.join(projectRoot, 'dist', 'bom.cdx.json'), 'utf8')).components.map(
  ({ group, name }) => (group ? `${group}/${name}` : name),
);
const results = await Promise.all([
  check('vulnerabilities', ['audit', '--json'], (answer) => vulnerabilityProblems(answer, bundled)),
  check('signatures', ['audit', 'signatures', '--json'], signatureProblems),
]);
process.exitCode = results.every(Boolean) ? 0 : 1;

/** Whether the registry found nothing wrong, or has no answer. */
async function check(what, words, problemsOf) {
  const { answer, errors } = await askNpm(words);
  if (answer?.[proof[what]] === undefined) {
    console.warn(`${what}: not checked. \`npm ${words.join(' ')}\` has no answer: ${reasonOf(answer, errors)}`);
    return !values.strict;
  }
  const problems = problemsOf(answer);
  console.log(`${what}: ${problems.length === 0 ? 'nothing found' : `\n  ${problems.join('\n  ')}`}`);
  return problems.length === 0;
}

/** Resolves with what npm writes as JSON, if it does. */
async function askNpm(words) {
  // One try: a registry that can't answer would be asked for minutes.
  const child = startGroup('npm', [...words, '--fetch-retries=0'], { cwd: projectRoot, shell: isWindows });
  const timer = setTimeout(() => endGroup(child), timeoutMs);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), exitCodeOf(child)]);
  clearTimeout(timer);
  try {
    return { answer: JSON.parse(output), errors };
  } catch {
    return { answer: undefined, errors };
  }
}

function reasonOf(answer, errors) {
  return answer?.message ?? answer?.error?.summary ?? (errors.trim() || `no end within ${timeoutMs / 1000} s`);
}
