import { describe, expect, it } from 'vitest';
import { createPlaces } from '../../../src/gateway/places.ts';

/** How many places a client gets at most. */
function fill(places: ReturnType<typeof createPlaces>, client: string): number {
  for (let count = 0; ; count++) {
    try {
      places.take(client);
    } catch {
      return count;
    }
  }
}

describe('createPlaces', () => {
  it('gives all places of a small limit to one client, and a place back once', () => {
    const places = createPlaces(2, 'streams');
    const leave = places.take('a');
    places.take('a');
    expect(() => places.take('b')).toThrow('CCR is already answering 2 streams. Try again, or raise --max-streams.');
    leave();
    places.take('b');
    expect(() => places.take('b')).toThrow('2 streams');
  });

  it('keeps places for other clients', () => {
    const places = createPlaces(100, 'streams');
    expect(fill(places, 'greedy')).toBe(75);
    expect(() => places.take('greedy')).toThrow('75 streams of this client and keeps the remaining places for others');
    expect(fill(places, 'second')).toBe(25);
    expect(() => places.take('third')).toThrow('100 streams');
  });

  it('says when to try again', () => {
    const places = createPlaces(1, 'streams');
    places.take('a');
    expect(() => places.take('a')).toThrow(
      expect.objectContaining({ kind: 'overloaded', details: { retryAfterMs: 2_000 } }),
    );
  });
});
