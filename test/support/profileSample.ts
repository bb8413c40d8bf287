import { clients } from '../unit/matrix/paths.ts';
import type { MatrixClient } from '../unit/matrix/answer.ts';
import { isFull, seed } from '../unit/matrix/sampling.ts';
import { dialectIds } from './callWires.ts';
import { providerProfiles, type ProviderProfile } from './providerProfiles.ts';

export type Ask = { profile: ProviderProfile; client: MatrixClient; stream: boolean };

const all: Ask[] = dialectIds.flatMap((wire) =>
  providerProfiles
    .filter((profile) => profile.wire === wire)
    .flatMap((profile) => clients.flatMap((client) => [true, false].map((stream) => ({ profile, client, stream })))),
);

/**
 * Which of all providers, clients and ways the form with the number `turn` is tried with: each client at a provider of each wire,
 * streamed or whole. Successive forms meet all providers of a wire. In a full run: all of them.
 */
export function sampleOf(turn: number, wires: readonly string[] = dialectIds): readonly Ask[] {
  if (isFull) return all.filter(({ profile }) => wires.includes(profile.wire));
  return dialectIds
    .filter((wire) => wires.includes(wire))
    .flatMap((wire) => {
      const profiles = providerProfiles.filter((profile) => profile.wire === wire);
      return clients.flatMap((client, column) => {
        const profile = profiles[(turn * clients.length + ((column + turn) % clients.length) + seed) % profiles.length];
        return profile ? [{ profile, client, stream: (turn + column + seed) % 2 === 0 }] : [];
      });
    });
}

/** Each client at each surface of a provider, streamed or whole; in a full run both. */
export function asksAt(name: string, turn: number): readonly Ask[] {
  const asks = all.filter(({ profile }) => profile.name === name);
  return isFull ? asks : asks.filter((_, index) => (Math.floor(index / 2) + index + turn + seed) % 2 === 0);
}
