import { t } from './l10n.ts';
import { execFile } from 'node:child_process';
import type { Finding } from '../doctor/facts.ts';

/** How the extension runs the command-line program that it brings. */
export type CliProgram = { nodePath: string; cliPath: string; electron: boolean };

/** Providers are asked one after another, and may be slow. Milliseconds. */
const longestExaminationMs = 120_000;

/**
 * What `ccr doctor` finds. A process of its own, since the doctor needs the gateway and its HTTP client, which would make the
 * extension start slower.
 * @throws Error with what the program printed, if that is not a report
 */
export function examineByCli(
  { nodePath, cliPath, electron }: CliProgram,
  options: readonly string[],
): Promise<Finding[]> {
  const env = { ...process.env, ...(electron && { ELECTRON_RUN_AS_NODE: '1' }) };
  const given = [cliPath, 'doctor', '--json', ...options];
  return new Promise((resolve, reject) => {
    // It exits with 1 when it finds an error.
    execFile(nodePath, given, { env, timeout: longestExaminationMs }, (_, stdout, stderr) => {
      try {
        resolve((JSON.parse(stdout) as { findings: Finding[] }).findings);
      } catch {
        reject(new Error(t("CCR's doctor could not run: {0}", stderr.trim().slice(-500) || t('it printed nothing.'))));
      }
    });
  });
}
