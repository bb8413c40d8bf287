import type { Finding } from '../doctor/facts.ts';
import { askCli, type CliProgram } from './askCli.ts';

/** Providers are asked one after another, and may be slow. Milliseconds. */
const longestExaminationMs = 120_000;

/** What `ccr doctor` finds. @throws Error see askCli; it exits with 1 when it finds an error, which is none here. */
export async function examineByCli(program: CliProgram, options: readonly string[]): Promise<Finding[]> {
  const given = ['doctor', '--json', ...options];
  const { findings } = await askCli<{ findings: Finding[] }>(program, given, {
    what: "CCR's doctor",
    timeoutMs: longestExaminationMs,
  });
  return findings;
}
