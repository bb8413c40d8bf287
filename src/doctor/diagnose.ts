import { checkClaudeVersion, checkCodexConfig, checkCodexVersion, checkTerminal } from './clientChecks.ts';
import type { Check, DoctorFacts, Finding } from './facts.ts';
import { checkConfigFile, checkNode, checkPort } from './gatewayChecks.ts';
import { checkContainer, checkHostNames, checkProviders, checkProxy } from './providerChecks.ts';

/**
 * In the order of dependencies: a later part can't work before the earlier ones do. So the first finding is the one to fix, and
 * later ones may be its consequences.
 */
const checks: readonly Check[] = [
  checkNode,
  checkConfigFile,
  checkPort,
  checkProxy,
  checkHostNames,
  checkContainer,
  checkProviders,
  checkTerminal,
  checkCodexConfig,
  checkCodexVersion,
  checkClaudeVersion,
];

/** The problems, in the order in which to fix them: errors before warnings, each in the order of the chain. */
export async function diagnose(facts: DoctorFacts): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(facts)));
  const bySeverity = (wanted: Finding['severity']): Finding[] => findings.filter(({ severity }) => severity === wanted);
  return [...bySeverity('error'), ...bySeverity('warning')];
}
