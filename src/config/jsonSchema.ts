import * as z from 'zod';
import { configSchema } from './schema.ts';

/** What finds fault with a value. */
const judging = [
  'type',
  'enum',
  'const',
  'required',
  'pattern',
  'propertyNames',
  'minLength',
  'maxLength',
  'minItems',
  'minimum',
  'maximum',
  'exclusiveMinimum',
] as const;

/** What config.json may have, as JSON schema: the reference pages are made of it. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' });
}

/**
 * The JSON schema with which VS Code completes and explains config.json. It finds no fault: CCR does (check.ts), in the words of
 * `ccr validate`, when the user pauses; the schema would say the same once more, at each key. Draft 7 has the best support in VS Code.
 */
export function editorJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => withoutJudging(jsonSchema),
  });
  return { ...schema, title: 'CCR configuration', allowComments: true, allowTrailingCommas: true };
}

/** Values that the schema allowed are proposed. */
function withoutJudging(schema: z.core.JSONSchema.BaseSchema): void {
  const proposed = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const examples = proposed ?? (schema.type === 'boolean' ? [true, false] : undefined);
  for (const keyword of judging) delete schema[keyword];
  if (schema.additionalProperties === false) delete schema.additionalProperties;
  if (examples) schema.examples = examples;
}
