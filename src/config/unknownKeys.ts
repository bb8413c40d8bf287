import { isObject } from '../canonical/json.ts';
import * as z from 'zod';
import { configSchema, modelInfoSchema, presetSchema, pricingSchema } from './schema.ts';
import { worded, wording, type Wording } from '../canonical/wording.ts';
import type { JsonPath, Problem } from './problems.ts';
import { didYouMean, suggestion } from './suggest.ts';
import { snakeCase } from './tidy.ts';

/** `suggestion`: the known key that may have been meant. */
export type UnknownKey = Pick<Problem, 'code' | 'message' | 'wording' | 'suggestion'> & { path: JsonPath };

/** Keys of claude-code-router that have no effect in CCR, with the reason or the alternative. */
const foreignKeys: Record<string, Wording> = {
  CUSTOM_ROUTER_PATH: wording('CCR runs no code from a config file; use Router, Presets and Frontend instead'),
  transformers: wording(
    'CCR runs no code from a config file; `transformer.use` takes the names of built-in transformers',
  ),
  plugins: wording('CCR runs no code from a config file'),
  HTTPS_PROXY: wording('use PROXY_URL instead'),
  forceUseImageAgent: wording('use Router.image instead'),
  REWRITE_SYSTEM_PROMPT: wording('CCR does not change the system prompt'),
  CLAUDE_PATH: wording('`ccr claude` runs the `claude` on the PATH'),
  NON_INTERACTIVE_MODE: wording('CCR needs no such option'),
  StatusLine: wording('CCR has its own status bar'),
};

/** Finds the keys that the schema does not know. The loader keeps them and warns about them. */
export function findUnknownKeys(file: unknown): UnknownKey[] {
  const found: UnknownKey[] = [];
  visit(configSchema, file, [], found);
  return found;
}

function visit(schema: z.core.$ZodType, value: unknown, path: JsonPath, found: UnknownKey[]): void {
  const bare = unwrap(schema, value);
  if (bare instanceof z.ZodArray && Array.isArray(value)) {
    value.forEach((item, index) => visit(bare.element, item, [...path, index], found));
  }
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key.startsWith('_') || key === '$schema') continue;
    if (bare instanceof z.ZodRecord) visit(bare.valueType, item, [...path, key], found);
    if (bare instanceof z.ZodObject) visitKey(bare, key, item, path, found);
  }
}

function visitKey(object: z.ZodObject, key: string, value: unknown, path: JsonPath, found: UnknownKey[]): void {
  const isCamelToo = object === pricingSchema || object === modelInfoSchema;
  const known = object.shape[isCamelToo ? snakeCase(key) : key];
  const rest = object.def.catchall;
  if (known) visit(known, value, [...path, key], found);
  else if (rest && !(rest instanceof z.ZodUnknown)) visit(rest, value, [...path, key], found);
  // What has no key of its own is of another program, and has a warning of its own.
  else if (!isBlank(value) && Object.keys(object.shape).length > 0) {
    const problem = object === presetSchema ? misspeltParameter(key) : unknownKey(object, key, path);
    if (problem) found.push({ path: [...path, key], ...problem });
  }
}

/** Parameters of Chat Completions that presets usually set, for spelling only: a preset may have any. */
const presetParameters = [
  ...Object.keys(presetSchema.shape),
  'reasoning_effort',
  'max_completion_tokens',
  'frequency_penalty',
  'presence_penalty',
  'parallel_tool_calls',
  'response_format',
  'service_tier',
  'tool_choice',
  'verbosity',
];

/** Shorter names are too close to each other. Characters. */
const minParameterLength = 8;

/** A parameter that is one edit from a common one. Others may be any provider's own. */
function misspeltParameter(key: string): Omit<UnknownKey, 'path'> | undefined {
  if (key.length < minParameterLength || presetParameters.includes(key)) return undefined;
  const suggested = suggestion(key, presetParameters, 1);
  if (suggested === undefined) return undefined;
  const said = wording('"{0}" is sent as a request parameter of that name.', key);
  return { code: 'unknown-key', ...worded(said, didYouMean(suggested)), suggestion: suggested };
}

/** Settings pages write every key, also those that are not set. */
function isBlank(value: unknown): boolean {
  return value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

function unknownKey(object: z.ZodObject, key: string, path: JsonPath): Omit<UnknownKey, 'path'> {
  const foreign = path.length === 0 && Object.hasOwn(foreignKeys, key) ? foreignKeys[key] : undefined;
  if (foreign !== undefined)
    return { code: 'key-without-effect', ...worded(wording('{0} has no effect: {1}.', key, foreign)) };
  const suggested = suggestion(key, Object.keys(object.shape));
  const said = wording('Unknown key "{0}".', key);
  return { code: 'unknown-key', ...worded(said, didYouMean(suggested)), suggestion: suggested };
}

/** The schema without optional and default wrappers; of a union, the object schema if the value is an object. */
function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodUnion && isObject(value)) {
    return schema.options.find((option) => option instanceof z.ZodObject) ?? schema;
  }
  return schema;
}
