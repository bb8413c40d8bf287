import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { editorJsonSchema } from '../../../src/config/jsonSchema.ts';

const file = path.join(import.meta.dirname, '../../../media/config.schema.json');

it('media/config.schema.json is what the schema says (UPDATE=1 rewrites it)', () => {
  const stated = `${JSON.stringify(editorJsonSchema(), null, 2)}\n`;
  if (process.env['UPDATE'] === '1') writeFileSync(file, stated);
  expect(readFileSync(file, 'utf8')).toBe(stated);
});

it('finds no fault, which CCR does, and proposes what it would have allowed', () => {
  const keywords = new Set<string>();
  JSON.stringify(editorJsonSchema(), (key, value: unknown) => {
    keywords.add(key);
    // Names of the config's own keys, and its values.
    return key === 'properties' ? Object.values(value as object) : key === 'default' ? undefined : value;
  });
  const known = ['properties', 'items', 'additionalItems', 'additionalProperties', 'anyOf', 'allowComments'];
  const silent = [...known, 'allowTrailingCommas', 'title', '$schema', 'description', 'default', 'examples'];
  expect([...keywords].filter((key) => key !== '' && !/^\d+$/.test(key) && !silent.includes(key))).toEqual([]);
  expect(JSON.stringify(editorJsonSchema())).not.toContain('"additionalProperties":false');
  expect(editorJsonSchema()).toMatchObject({
    properties: {
      Providers: { items: { properties: { protocol: { examples: expect.arrayContaining(['anthropic']) } } } },
    },
  });
});
