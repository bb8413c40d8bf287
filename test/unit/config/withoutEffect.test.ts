import { describe, expect, it } from 'vitest';
import { createPlaces } from '../../../src/config/problems.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { findUnknownKeys } from '../../../src/config/unknownKeys.ts';
import { findKeysWithoutEffect } from '../../../src/config/withoutEffect.ts';

function find(changes: object): (string | undefined)[] {
  const config = configSchema.parse({ Router: { default: 'a,m' }, ...changes });
  return findKeysWithoutEffect(config, createPlaces('config.json', '{}', undefined)).map(({ path }) => path);
}

describe('findKeysWithoutEffect', () => {
  it('does not report defaults', () => {
    expect(find({ Persistence: { mode: 'none' }, LOG: true })).toEqual([]);
  });

  it('reports the keys that have no effect', () => {
    const Router = { default: 'a,m', topK: 2, gpRouting: { enabled: true } };
    const log = { LOG: false, LOG_LEVEL: 'debug' };
    expect(find({ ...log, Router })).toEqual(['LOG', 'LOG_LEVEL', 'Router.gpRouting']);
    expect(findUnknownKeys({ Router })).toEqual([]);
  });
});
