import { without } from './bodyEdits.ts';
import { fieldsWhere, isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { fitChildren } from './schemaChildren.ts';
import { withoutFaults } from './schemaFaults.ts';
import { fitGrammar } from './schemaGrammar.ts';
import { withPortablePattern } from './schemaPattern.ts';
import { innerDefinition, mergeRoot, resolvePointer, resolveRoot } from './schemaRoot.ts';
import { definedRequired, lowerType, mergeAllOf, typedSchema } from './schemaTypes.ts';

/** What a provider takes of the JSON Schemas that tools declare. What it does not take is rewritten or described. */
export type SchemaProfile = {
  /** Whether the root may have `anyOf`, `oneOf`, `allOf`, `not`, `enum` or `const`. */
  rootUnions: boolean;
  /** `any` local reference; only ones to `#/$defs/` with nothing beside them; or none. The others are inlined. */
  references: 'any' | 'bare-definitions' | 'none';
  /** Whether every schema needs a `type`, or an `anyOf` without a `type` beside it. */
  mustBeTyped: boolean;
  /** Whether the server makes a grammar of it, which limits patterns and repetitions. */
  grammar?: boolean;
  /** Whether it takes patterns that only some engines read: see schemaPattern.ts. */
  anyPattern?: boolean;
};

/** For a provider that is not known to take more: root unions are refused by most (OpenAI, Anthropic, DeepSeek, xAI). */
export const commonSchemaProfile: SchemaProfile = { rootUnions: false, references: 'any', mustBeTyped: false };

/** A schema as a provider takes it, and the part of its meaning that only a description can express. */
export type FittedSchema = { schema: JsonObject; lost: string[] };

/** References may multiply: inlining stops after this many, with a schema that allows anything. */
export const maxInlined = 500;
const deepest = 60;

/**
 * Fits the schema of a tool's input, which is an object, to `profile`. Returns the same schema when nothing has to change.
 * Repairs for every provider: no root type, `type: null`, no `properties`, an array without `items`, an enum without type
 * (codex#37786, opencode#40127), references that lead nowhere.
 */
export function fitSchema(given: unknown, profile: SchemaProfile): FittedSchema {
  if (!isObject(given)) return { schema: { type: 'object', properties: {} }, lost: [] };
  const { schema, lost } = fitObject(given, profile);
  return { schema: isObject(schema['properties']) ? schema : { ...schema, properties: {} }, lost };
}

function fitObject(given: JsonObject, profile: SchemaProfile): FittedSchema {
  const lost: string[] = [];
  const resolved = withoutFaults(resolveRoot(given));
  const root = profile.rootUnions ? resolved : mergeRoot(resolved, lost);
  // atlas-ui-3#727.
  const { type = 'object' } = root;
  if (typeof type === 'string' && type !== 'object') lost.push(`The input is declared as: ${JSON.stringify(type)}`);
  const fitted = createFitter(given, root, profile)(root['type'] === 'object' ? root : { ...root, type: 'object' });
  return { schema: fitted['type'] === 'object' ? fitted : { ...fitted, type: 'object' }, lost };
}

/** The same for the schema of an answer. A root that is not an object is kept: another shape would mean another answer. */
export function fitAnswerSchema(given: JsonObject, profile: SchemaProfile): FittedSchema {
  const root = resolveRoot(given);
  const { type } = root;
  const branches: unknown = root['anyOf'] ?? root['oneOf'] ?? root['allOf'];
  const isObjects =
    type === undefined && Array.isArray(branches)
      ? branches.length > 0 && branches.every((branch) => isObjectSchema(branch, root))
      : isObjectSchema(root, root);
  return isObjects ? fitObject(given, profile) : { schema: createFitter(given, root, profile)(root), lost: [] };
}

function isObjectSchema(schema: unknown, root: JsonObject): boolean {
  if (!isObject(schema)) return false;
  const reference = schema['$ref'];
  const target = typeof reference === 'string' ? (resolvePointer(root, reference) ?? {}) : schema;
  return target['type'] === 'object' || (target['type'] === undefined && isObject(target['properties']));
}

/**
 * Rewrites one schema and all below it. Whatever needs no change stays the same object. References are to `given`, of which
 * `kept` is the root that remains.
 */
function createFitter(given: JsonObject, kept: JsonObject, profile: SchemaProfile): (schema: JsonObject) => JsonObject {
  const { references, mustBeTyped, grammar = false, anyPattern = false } = profile;
  const mergesParts = mustBeTyped || references === 'none';
  // What was inlined is not needed any more; definitions elsewhere than in `$defs` can't be referred to.
  const unneeded = references === 'any' ? [] : references === 'none' ? ['$defs', 'definitions'] : ['definitions'];
  let inlined = 0;

  function fit(schema: JsonObject, trail: readonly string[], depth: number): JsonObject {
    if (depth > deepest) return finished({});
    const sound = withoutFaults(schema);
    const reference = sound['$ref'];
    if (typeof reference === 'string') return fitReference(sound, reference, trail, depth);
    const whole = mergesParts ? mergeAllOf(sound, given) : sound;
    // A part may be a reference, or have parts of its own.
    if (whole !== sound) return fit(whole, trail, depth + 1);
    return finished(fitBelow(mustBeTyped ? lowerType(sound) : sound, trail, depth));
  }

  function finished(schema: JsonObject): JsonObject {
    const sound = limited(schema);
    return mustBeTyped ? definedRequired(typedSchema(sound)) : sound;
  }

  function limited(schema: JsonObject): JsonObject {
    if (grammar) return fitGrammar(schema); // its patterns are portable ones
    return anyPattern ? schema : withPortablePattern(schema);
  }

  function fitReference(schema: JsonObject, reference: string, trail: readonly string[], depth: number): JsonObject {
    const isDefinition = reference.startsWith('#/$defs/') && !reference.includes('/', 8);
    const isBare = hasOneKey(schema);
    if (references === 'any' && leads(reference)) return limited(fitBelow(schema, trail, depth));
    if (references === 'bare-definitions' && isDefinition && isBare && leads(reference)) return schema;
    const beside = without(schema, '$ref');
    const target = resolvePointer(given, reference) ?? innerDefinition(given, reference);
    if (!target) return fit(beside, trail, depth + 1);
    inlined += 1;
    if (trail.includes(reference) || inlined > maxInlined)
      return fit({ type: 'object', ...plain(beside) }, trail, depth + 1);
    return fit({ ...target, ...beside }, [...trail, reference], depth + 1);
  }

  function leads(reference: string): boolean {
    return resolvePointer(kept, reference) !== undefined;
  }

  function fitBelow(schema: JsonObject, trail: readonly string[], depth: number): JsonObject {
    const fitted = fitChildren(schema, fit, unneeded, trail, depth + 1);
    return unneeded.length === 0 ? fitted : without(fitted, ...unneeded);
  }

  return (schema) => fit(schema, [], 0);
}

/** What may stay beside a reference that is cut off: nothing that has schemas of its own. */
function plain(beside: JsonObject): JsonObject {
  return fieldsWhere(beside, (_, value) => typeof value !== 'object');
}

function hasOneKey(schema: JsonObject): boolean {
  let count = 0;
  for (const _ in schema) count++;
  return count === 1;
}

/** For users: the changes to a schema besides those for every provider. */
export function describeSchemas({ rootUnions, references, mustBeTyped, grammar, anyPattern }: SchemaProfile): string {
  const told = [
    ...(rootUnions ? [] : ['a union at the root becomes one object with the properties of all branches']),
    ...(references === 'any' ? [] : [`${referenceWords[references]} are replaced by what they stand for`]),
    ...(mustBeTyped ? ['every schema gets a `type`, which moves into the alternatives of an `anyOf`'] : []),
    ...(anyPattern || grammar ? [] : ['patterns that only some engines read become part of the description']),
    ...(grammar ? ['patterns and lengths that no grammar can have become part of the description'] : []),
  ].join('; ');
  return `In the schemas of tools and answers, ${told}. What a schema can no longer express is added to the tool’s description. Tools are strict only where their schema may be.`;
}

const referenceWords = {
  'bare-definitions': 'references to anything but `$defs`, or with something beside them,',
  none: 'references',
} as const;
