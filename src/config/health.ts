import type { LoadedConfig } from './load.ts';
import { formatProblem } from './problems.ts';
import { parseTarget } from './routes.ts';

/** Degraded: requests without a route of their own can't be answered, because `Router.default` or the whole config is invalid. */
export type ConfigHealth = { status: 'healthy' } | { status: 'degraded'; reasons: string[] };

export function configHealth(loaded: LoadedConfig): ConfigHealth {
  if (!loaded.usable) {
    return {
      status: 'degraded',
      reasons: loaded.problems.filter(({ severity }) => severity === 'error').map(formatProblem),
    };
  }
  const text = loaded.config.Router.default;
  const target = parseTarget(text);
  if (!target) return degraded(`Router.default is not "provider,model".`);
  const provider = loaded.providers.find(({ name }) => name === target.provider);
  if (!provider) return degraded('Router.default names a provider that is not configured.');
  if (!provider.enabled) return degraded(`Router.default's provider ${provider.name} is off: ${provider.reason}`);
  return { status: 'healthy' };
}

function degraded(reason: string): ConfigHealth {
  return { status: 'degraded', reasons: [reason] };
}
