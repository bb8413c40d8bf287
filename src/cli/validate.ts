import { bindingProblem } from '../config/access.ts';
import { configHealth } from '../config/health.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem, type Problem } from '../config/problems.ts';
import { transformerNames } from '../providers/catalog.ts';
import type { CliContext, ExitCode } from './context.ts';

/** Reads the config as `start` would and says what is wrong with it: 0 when a gateway would start, healthy and without an error. */
export function validate(
  options: { config?: string | undefined; json?: boolean | undefined },
  context: CliContext,
): ExitCode {
  const loaded = loadConfig({
    file: options.config,
    environment: context.environment,
    homeDirectory: context.homeDirectory,
    workspaceFolder: context.currentDirectory,
    knownTransformers: transformerNames,
  });
  const binding = loaded.usable ? bindingProblem(loaded.config.HOST, loaded.access) : undefined;
  const problems: Problem[] = [...loaded.problems, ...(binding ? [binding] : [])];
  const health = configHealth(loaded);
  const valid = health.status === 'healthy' && problems.every(({ severity }) => severity !== 'error');
  const providers = loaded.usable ? loaded.providers : [];

  if (options.json) {
    context.print(JSON.stringify({ valid, file: loaded.file, ...health, problems, providers }));
    return valid ? 0 : 1;
  }
  for (const problem of problems) context.complain(formatProblem(problem));
  if (loaded.usable && health.status === 'degraded')
    health.reasons.forEach((reason) => context.complain(`degraded: ${reason}`));
  for (const provider of providers) {
    context.print(`Provider ${provider.name}: ${provider.enabled ? 'on' : `off, ${provider.reason}`}`);
  }
  const demo = loaded.usable && loaded.source === 'demo';
  context.print(
    demo ? `There is no ${loaded.file}: the demo would answer.` : `${loaded.file}: ${valid ? 'valid' : 'not valid'}`,
  );
  return valid ? 0 : 1;
}
