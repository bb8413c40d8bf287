import type { Places, Problem } from './problems.ts';
import type { Config } from './schema.ts';

type Check = { path: (string | number)[]; isSet: boolean; instead?: string };

/** Keys that this version accepts, so that a file stays valid, without doing what they ask for. Silence would be a promise. */
export function findKeysWithoutEffect(config: Config, providerIndexes: readonly number[], places: Places): Problem[] {
  const { Router, Persistence, DebugCapture } = config;
  const checks: Check[] = [
    { path: ['Router', 'topK'], isSet: Router.topK !== undefined },
    { path: ['Router', 'routingTemperature'], isSet: Router.routingTemperature !== undefined },
    { path: ['Persistence', 'mode'], isSet: Persistence.mode !== 'none' },
    { path: ['DebugCapture', 'enabled'], isSet: DebugCapture.enabled },
    ...config.Providers.map(({ api_keys = [] }, position) => ({
      path: ['Providers', providerIndexes[position] ?? position, 'api_keys'],
      isSet: api_keys.length > 1,
      instead: 'only the first usable key is sent',
    })),
  ];
  return checks
    .filter(({ isSet }) => isSet)
    .map(({ path, instead }) => ({
      severity: 'warning',
      message: `${path.filter((step) => typeof step === 'string').join('.')} has no effect in this version${instead ? `: ${instead}` : ''}.`,
      ...places.ofValue(path),
    }));
}
