// What a run leaves out by default: never all of a client, a wire protocol or a provider.
import { describe, expect, it } from 'vitest';
import { dialectIds } from '../../support/callWires.ts';
import { providerProfiles } from '../../support/providerProfiles.ts';
import { asksAt, sampleOf } from '../../support/profileSample.ts';
import { isSampled, realSurfaces, waysAt } from '../../support/realSurfaces.ts';
import { everyNth, runsOf, waysFor } from './sampling.ts';

const turns = Array.from({ length: 60 }, (_, turn) => turn);
const pairs = dialectIds.flatMap((wire) => dialectIds.map((client) => `${client} from ${wire}`)).toSorted();
const sorted = (names: readonly string[]): string[] => [...new Set(names)].toSorted();

describe('a sample', () => {
  it.each(turns)('of form %i has each client at each wire', (turn) => {
    const asks = sampleOf(turn).map(({ profile, client }) => `${client.dialect} from ${profile.wire}`);
    expect(sorted(asks)).toEqual(pairs);
    const asked = realSurfaces
      .filter((surface) => isSampled(surface, turn))
      .flatMap((surface) => waysAt(surface, turn).map(({ client }) => `${client} from ${surface.wire}`));
    expect(sorted(asked)).toEqual(pairs);
  });

  it('of many forms has every provider, from each client, streamed and whole', () => {
    const nameOf = ({ name, wire, model }: (typeof providerProfiles)[number]) => `${name} ${wire} ${model}`;
    const met = turns.flatMap((turn) => sampleOf(turn)).map(({ profile }) => nameOf(profile));
    expect(sorted(met)).toEqual(sorted(providerProfiles.map(nameOf)));
    const ways = turns.flatMap((turn) => sampleOf(turn)).map(({ client, stream }) => `${client.dialect} ${stream}`);
    expect(sorted(ways)).toHaveLength(6);
    for (const surface of realSurfaces) {
      const at = turns.filter((turn) => isSampled(surface, turn)).flatMap((turn) => waysAt(surface, turn));
      expect(sorted(at.map(({ client, stream }) => `${client} ${stream}`))).toHaveLength(6);
    }
  });

  it('of what one provider says has each client at each of its surfaces', () => {
    for (const { name } of providerProfiles)
      for (const turn of [0, 1]) {
        const wires = new Set(providerProfiles.filter((each) => each.name === name).map(({ wire }) => wire));
        const met = asksAt(name, turn).map(({ profile, client }) => `${client.dialect} from ${profile.wire}`);
        expect(sorted(met)).toEqual(pairs.filter((pair) => [...wires].some((wire) => pair.endsWith(`from ${wire}`))));
      }
  });

  it('takes one way, some items and fewer runs, which rotate', () => {
    const isFull = waysFor([1, 2, 3], 0, 0).length === 3;
    expect(turns.slice(0, 3).flatMap((row) => waysFor([1, 2, 3], row, 0)).length).toBe(isFull ? 9 : 3);
    expect(sorted(turns.slice(0, 3).flatMap((turn) => everyNth(['a', 'b', 'c'], 3, turn)))).toEqual(['a', 'b', 'c']);
    expect(runsOf(10)).toBe(isFull ? 10 : 3);
  });
});
