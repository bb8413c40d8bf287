import { messageOf } from '../canonical/errors.ts';
import type { NewProvider } from './addProvider.ts';

// Which of the three APIs a server at a URL speaks, which models it lists, and what to call it.

export const protocols = ['openai', 'responses', 'anthropic'] as const;
export type ProbedProtocol = (typeof protocols)[number];

/** What is asked of a running gateway about a provider that is not in the config. */
export type Prober = {
  /** Rejects if the provider has no list. */
  models(provider: NewProvider): Promise<string[]>;
  /** The fault of a small request, or none. */
  check(provider: NewProvider, model: string): Promise<{ part: string; message: string } | undefined>;
};

export type Probe =
  | { protocol: ProbedProtocol; remark?: string }
  /** None of the protocols is spoken there: what each said. */
  | { protocol?: undefined; why: string };

/** A URL of an endpoint says which API it is; some servers have it in their path. It is tried first. */
export function likelyProtocols(url: string): ProbedProtocol[] {
  const first = /\/responses\/?$/.test(url)
    ? 'responses'
    : /anthropic|\/messages\/?$/.test(url)
      ? 'anthropic'
      : 'openai';
  return [first, ...protocols.filter((each) => each !== first)];
}

/** The models that the server lists, in either of the two formats. Empty if it lists none. */
export async function listEndpointModels(provider: NewProvider, { models }: Prober): Promise<string[]> {
  for (const protocol of likelyProtocols(provider.api_base_url).filter((each) => each !== 'responses')) {
    const listed = await models({ ...provider, protocol }).catch((): string[] => []);
    if (listed.length > 0) return listed;
  }
  return [];
}

/**
 * Sends a small request in each protocol until one is answered. If none is, but one fails for another reason than its address, such
 * as a key that has reached its limit, that one is spoken.
 */
export async function probeProtocol(provider: NewProvider, model: string, { check }: Prober): Promise<Probe> {
  const faults: { protocol: ProbedProtocol; part: string; message: string }[] = [];
  for (const protocol of likelyProtocols(provider.api_base_url)) {
    try {
      const fault = await check({ ...provider, protocol }, model);
      if (!fault) return { protocol };
      faults.push({ protocol, ...fault });
      // Another protocol is at the same host.
      if (fault.part === 'connection') return { why: fault.message };
    } catch (error) {
      faults.push({ protocol, part: 'endpoint', message: messageOf(error) });
    }
  }
  const spoken =
    faults.find(({ part }) => part === 'quota' || part === 'key') ?? faults.find(({ part }) => part === 'model');
  if (spoken) return { protocol: spoken.protocol, remark: spoken.message };
  return { why: faults.map(({ protocol, message }) => `${protocol}: ${message}`).join(' ') };
}

/** A name for the provider at a URL, which none has: `api.some-host.com` gives `some-host`. */
export function suggestName(url: string, taken: readonly string[]): string {
  const { hostname } = new URL(url);
  const isAddress = /^[\d.]+$|:/.test(hostname);
  const labels = hostname.split('.').filter((label) => !/^(api|www|llm|gateway|inference|\d+)$/.test(label));
  const base = isAddress ? 'local' : ((labels.length > 1 ? labels.at(-2) : labels[0]) ?? 'custom');
  if (!taken.includes(base)) return base;
  for (let number = 2; ; number += 1) if (!taken.includes(`${base}-${number}`)) return `${base}-${number}`;
}

/** The environment variable for a provider's key. */
export function keyVariableOf(name: string): string {
  return `${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_API_KEY`;
}
