import { configHealth } from '../config/health.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problems.ts';
import { spokenAll } from '../canonical/wording.ts';
import { describeCheck } from '../gateway/describeCheck.ts';
import { transformerNames } from '../providers/findProvider.ts';
import type { CliContext, ExitCode } from './context.ts';
import { validateLive } from './liveValidation.ts';

/**
 * Reads the config as `start` would and prints its problems. Exits with 0 when a gateway would start, be healthy and have no
 * error in its config. With `live`, checks every provider too; a failed check counts as an error.
 */
export async function validate(
  options: { config?: string | undefined; live?: boolean | undefined; json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const loaded = loadConfig({
    file: options.config,
    environment: context.environment,
    homeDirectory: context.homeDirectory,
    workspaceFolder: context.currentDirectory,
    knownTransformers: transformerNames,
  });
  const { problems } = loaded;
  const health = configHealth(loaded);
  const live = options.live && loaded.usable ? await validateLive(loaded, options, context) : undefined;
  const valid =
    health.status === 'healthy' &&
    problems.every(({ severity }) => severity !== 'error') &&
    (live?.checks ?? []).every(({ fault }) => !fault);
  const providers = loaded.usable ? loaded.providers : [];

  if (options.json) {
    const report = { valid, file: loaded.file, ...health, problems, providers, ...(live ? { live } : {}) };
    context.print(JSON.stringify(report, (key, value: unknown) => (key === 'wording' ? undefined : value)));
    return valid ? 0 : 1;
  }
  for (const problem of problems) context.complain(formatProblem(problem));
  if (loaded.usable && health.status === 'degraded')
    health.reasons.forEach((reason) => context.complain(`degraded: ${reason}`));
  for (const provider of providers) {
    context.print(`Provider ${provider.name}: ${provider.enabled ? 'on' : `off, ${provider.reason}`}`);
  }
  for (const check of live?.checks ?? [])
    (check.fault ? context.complain : context.print)(spokenAll(describeCheck(check)));
  for (const { provider, reason } of live?.unasked ?? []) context.complain(`${provider} was not asked: ${reason}`);
  const demo = loaded.usable && loaded.source === 'demo';
  context.print(
    demo
      ? `No config at ${loaded.file}: CCR would use the built-in demo.`
      : `${loaded.file}: ${valid ? 'valid' : 'not valid'}`,
  );
  return valid ? 0 : 1;
}
