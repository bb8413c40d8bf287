import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { configJsonSchema } from '../../../src/config/jsonSchema.ts';

const file = path.join(import.meta.dirname, '../../../media/config.schema.json');

it('media/config.schema.json is what the schema says (UPDATE=1 rewrites it)', () => {
  const stated = configJsonSchema();
  if (process.env['UPDATE'] === '1') writeFileSync(file, `${JSON.stringify(stated, null, 2)}\n`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(stated)));
});
