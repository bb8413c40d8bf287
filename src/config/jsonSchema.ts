import * as z from 'zod';
import { configSchema } from './schema.ts';

/** The JSON schema with which editors check and complete config.json. Draft 7 has the best support in VS Code. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' });
  return { ...schema, title: 'CCR configuration', allowComments: true, allowTrailingCommas: true };
}
