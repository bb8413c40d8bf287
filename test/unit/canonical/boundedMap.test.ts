import { describe, expect, it } from 'vitest';
import { createBoundedMap } from '../../../src/canonical/boundedMap.ts';

describe('createBoundedMap', () => {
  it('evicts the entry that was set least recently', () => {
    const map = createBoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect([...map.keys()]).toEqual(['a', 'c']);
    expect(map.size()).toBe(2);
  });

  it('keeps a touched entry, but not one that was only read', () => {
    const map = createBoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.touch('a')).toBe(1);
    expect(map.get('b')).toBe(2);
    map.set('c', 3);
    expect([...map.keys()]).toEqual(['a', 'c']);
    expect(map.touch('unknown')).toBeUndefined();
  });
});
