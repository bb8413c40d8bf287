import { GatewayError } from '../canonical/errors.ts';
import { findNamed } from '../canonical/lists.ts';
import { demoUrl } from '../config/demo.ts';
import type { UsableConfig } from '../config/load.ts';
import type { ModelRef } from '../config/routes.ts';
import { describeOff } from '../config/providers.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { CheckRequest } from '../control/protocol.ts';
import { checkProvider, type LiveCheck, type LiveCheckOptions } from '../gateway/liveCheck.ts';

export type LiveChecksParts = Omit<LiveCheckOptions, 'once'> & {
  current(): UsableConfig;
  /** A model answered with the keys that requests use, so it works again if it failed before. */
  answered(model: ModelRef): void;
};

/** Live checks with the running gateway's config, connections and secrets. */
export function createLiveChecks({ current, answered, signal, ...tools }: LiveChecksParts) {
  return async ({ provider, key, model, once }: CheckRequest, hangUp: AbortSignal): Promise<LiveCheck[]> => {
    const config = typeof provider === 'string' ? findConfigured(current(), provider, key !== undefined) : provider;
    const models = model === undefined ? config.models : [model];
    const checks = await checkProvider(
      { ...withKey(config, key), models },
      { ...tools, signal: AbortSignal.any([signal, hangUp]), once },
    );
    const isInUse = typeof provider === 'string' && key === undefined;
    for (const { model: tried, fault } of isInUse ? checks : [])
      if (!fault) answered({ provider: config.name, model: tried });
    return checks;
  };
}

/** @throws GatewayError `not-found`, `invalid-request` if the provider is off. */
function findConfigured({ config, providers, source }: UsableConfig, name: string, hasKey: boolean): ProviderConfig {
  const found = findNamed(config.Providers, name);
  if (!found || source === 'demo' || found.api_base_url === demoUrl)
    throw new GatewayError('not-found', `The config has no provider "${name}" that can be checked.`);
  const status = findNamed(providers, name);
  if (status && !status.enabled && !hasKey)
    throw new GatewayError('invalid-request', `Provider ${name} is off: ${describeOff(status)}`);
  return found;
}

function withKey(config: ProviderConfig, key: string | undefined): ProviderConfig {
  if (key === undefined) return config;
  const { api_keys: _, ...rest } = config;
  return { ...rest, api_key: key };
}
