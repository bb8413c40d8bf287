// A provider as config.json would name it.

import type { JsonObject } from '../../../src/canonical/request.ts';
import { findProvider, type ProviderIdentity } from '../../../src/providers/findProvider.ts';
import type { Provider } from '../../../src/providers/provider.ts';

export function find(identity: Partial<ProviderIdentity>): Provider {
  return findProvider({
    name: 'mine',
    baseUrl: 'https://models.example/v1',
    protocol: 'openai',
    model: 'some-model',
    ...identity,
  });
}

/** The body as this provider gets it, with the certainty that the one given is as it was. */
export function edit(identity: Partial<ProviderIdentity>, body: JsonObject): JsonObject {
  const before = structuredClone(body);
  const edited = find(identity).quirks.body?.(body) ?? body;
  if (JSON.stringify(before) !== JSON.stringify(body)) throw new Error('The quirk changed the body that it was given.');
  return edited;
}
