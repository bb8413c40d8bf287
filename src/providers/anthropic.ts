import type { ProviderQuirk } from './quirk.ts';
import { keepProven } from './replay.ts';

/** Only Anthropic itself runs its hosted tools, and it refuses thinking that it did not sign (providers.md, "Anthropic"). */
export const anthropic: ProviderQuirk = {
  name: 'anthropic',
  exactName: true,
  hosts: ['anthropic.com'],
  wires: {
    'anthropic-messages': () => ({
      features: { hostedTools: true },
      replay: 'real',
      request: keepProven('signature'),
    }),
  },
};
