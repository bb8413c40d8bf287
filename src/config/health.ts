import { findNamed } from '../canonical/lists.ts';
import { spoken, verbatim, wording, type Wording } from '../canonical/wording.ts';
import type { LoadedConfig } from './load.ts';
import { formatProblem } from './problems.ts';
import { parseTarget } from './routes.ts';

/** Degraded: requests without a route of their own can't be answered, because `Router.default` or the whole config is invalid. */
export type ConfigHealth =
  | { status: 'healthy' }
  | { status: 'degraded'; reasons: string[]; wording: readonly (readonly Wording[])[] };

export function configHealth(loaded: LoadedConfig): ConfigHealth {
  if (!loaded.usable) {
    const errors = loaded.problems.filter(({ severity }) => severity === 'error');
    return {
      status: 'degraded',
      reasons: errors.map(formatProblem),
      wording: errors.map(({ message, wording }) => wording ?? [verbatim(message)]),
    };
  }
  const text = loaded.config.Router.default;
  const target = parseTarget(text);
  if (!target) return degraded(wording('Router.default is not "provider,model".'));
  const provider = findNamed(loaded.providers, target.provider);
  if (!provider) return degraded(wording('Router.default names a provider that is not configured.'));
  if (!provider.enabled) {
    const why = provider.wording?.[0] ?? provider.reason;
    return degraded(wording("Router.default's provider {0} is off: {1}", provider.name, why));
  }
  return { status: 'healthy' };
}

function degraded(reason: Wording): ConfigHealth {
  return { status: 'degraded', reasons: [spoken(reason)], wording: [[reason]] };
}
