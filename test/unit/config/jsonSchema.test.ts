import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { configJsonSchema } from '../../../src/config/jsonSchema.ts';

const file = path.join(import.meta.dirname, '../../../media/config.schema.json');

it('media/config.schema.json is what the schema says (UPDATE=1 rewrites it)', () => {
  const stated = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
  if (process.env['UPDATE'] === '1') writeFileSync(file, stated);
  expect(readFileSync(file, 'utf8')).toBe(stated);
});
