import { messageOf } from '../canonical/errors.ts';
import { findNamed } from '../canonical/lists.ts';
import { demoUrl } from '../config/demo.ts';
import type { UsableConfig } from '../config/load.ts';
import type { ProviderConfig } from '../config/schema.ts';
import { systemClock } from '../gateway/clock.ts';
import { checkProvider, type LiveCheck } from '../gateway/liveCheck.ts';
import { createUpstream, upstreamOptions } from '../gateway/upstream.ts';
import { asksWindows } from '../providers/vscodeModels.ts';
import type { CliContext } from './context.ts';
import { locateGateway } from './locate.ts';

/** The checks of all providers, and the providers that could not be checked, with the reason. */
export type LiveValidation = { checks: LiveCheck[]; unasked: { provider: string; reason: string }[] };

/**
 * Checks every provider of the config, concurrently. A provider whose key this process lacks is checked by the running
 * gateway, which may have the key from VS Code's secret storage, and so are VS Code's own models.
 */
export async function validateLive(
  { config, providers, file }: UsableConfig,
  options: { config?: string | undefined },
  context: CliContext,
): Promise<LiveValidation> {
  const upstream = createUpstream(upstreamOptions(config, context.environment));
  const { signal } = new AbortController();
  const checkOne = async (provider: ProviderConfig): Promise<LiveValidation> => {
    const status = findNamed(providers, provider.name);
    const isReachable = !asksWindows(provider.api_base_url);
    if (status?.enabled !== false && isReachable)
      return {
        checks: await checkProvider(provider, { upstream: () => upstream, clock: systemClock, signal }),
        unasked: [],
      };
    const unasked = (reason: string): LiveValidation => ({
      checks: [],
      unasked: [{ provider: provider.name, reason }],
    });
    try {
      const checks = await checkThroughGateway(provider.name, file, options, context);
      if (checks) return { checks, unasked: [] };
      return unasked(
        status?.enabled === false ? status.reason : 'only a running gateway reaches the models of VS Code.',
      );
    } catch (error) {
      // Keep the results of the other providers.
      return unasked(`the running gateway did not answer: ${messageOf(error)}`);
    }
  };
  const answers = await Promise.all(config.Providers.filter(({ api_base_url: url }) => url !== demoUrl).map(checkOne));
  await upstream.close();
  return {
    checks: answers.flatMap(({ checks }) => checks),
    unasked: answers.flatMap(({ unasked }) => unasked),
  };
}

/** Undefined when no gateway runs with this config, or when it lacks the key too. */
async function checkThroughGateway(
  provider: string,
  file: string,
  options: { config?: string | undefined },
  context: CliContext,
): Promise<LiveCheck[] | undefined> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') return undefined;
  const { configFile, providers } = await located.client.state();
  const isOn = providers.some(({ name, enabled }) => name === provider && enabled);
  return configFile === file && isOn ? located.client.check({ provider }) : undefined;
}
