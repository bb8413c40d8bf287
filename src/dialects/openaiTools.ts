import * as z from 'zod';
import type { CustomTool, FunctionTool } from '../canonical/request.ts';
import { readWire } from './readWire.ts';

/** Declarations of tools, whose fields Chat Completions and Responses share. */

export const jsonObject = z.record(z.string(), z.unknown(), { error: 'expected an object' });
export const typed = z.looseObject({ type: z.string() });

export const toolHead = {
  name: z.string().min(1, { error: 'expected a name' }),
  description: z.string().nullish(),
};
/** PHP writes an empty object as an empty list; `true` is the schema of anything. */
const anything = z.union([z.literal(true), z.array(z.unknown()).max(0)]).transform(() => undefined);
export const schemaObject = z.union([jsonObject, anything], { error: 'expected an object' }).nullish();
const functionTool = z.object({ ...toolHead, parameters: schemaObject, strict: z.boolean().nullish() });
const customTool = z.object({ ...toolHead, format: jsonObject.nullish() });

/** @throws GatewayError `invalid-request`, naming the field below `path`. */
export function readFunctionTool(value: unknown, path: string): FunctionTool {
  const { name, description, parameters, strict } = readWire(functionTool, value, path);
  return {
    kind: 'function',
    name,
    description: description ?? undefined,
    // OpenAI: "Omitting parameters defines a function with an empty parameter list." Some providers refuse an absent schema.
    parameters: parameters ?? { type: 'object', properties: {} },
    strict: strict ?? undefined,
  };
}

/** @throws GatewayError `invalid-request`, naming the field below `path`. */
export function readCustomTool(value: unknown, path: string): CustomTool {
  const { name, description, format } = readWire(customTool, value, path);
  return { kind: 'custom', name, description: description ?? undefined, format: format ?? undefined };
}
