import { clients } from '../unit/matrix/paths.ts';
import type { MatrixClient } from '../unit/matrix/answer.ts';
import { everyNth } from '../unit/matrix/sampling.ts';
import { dialectIds } from './callWires.ts';
import { providerProfiles, type ProviderProfile } from './providerProfiles.ts';

export type Ask = { profile: ProviderProfile; client: MatrixClient; stream: boolean };

const all: Ask[] = dialectIds.flatMap((wire) =>
  providerProfiles
    .filter((profile) => profile.wire === wire)
    .flatMap((profile) => clients.flatMap((client) => [true, false].map((stream) => ({ profile, client, stream })))),
);

/** Coprime to the two ways of each of three clients, so that successive forms of a fault meet all of them at each provider. */
const step = 19;

/** Which of all providers, clients and ways the form with the number `turn` is tried with: all of them in a full run. */
export function sampleOf(turn: number, wires: readonly string[] = dialectIds): readonly Ask[] {
  return everyNth(
    all.filter(({ profile }) => wires.includes(profile.wire)),
    step,
    turn,
  );
}
