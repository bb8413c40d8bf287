import { fieldsWhere, isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editFunctions, objectsIn, without, type BodyChange } from './bodyEdits.ts';
import { inWords } from './schemaFaults.ts';

/** Schema keywords that are copied as they are (ai.google.dev/api/caching#Schema). */
const kept = [
  'title', 'description', 'nullable', 'maxItems', 'minItems', 'minProperties', 'maxProperties', 'minLength', 'maxLength',
  'pattern', 'default', 'minimum', 'maximum',
]; // prettier-ignore

export const googleSchemas: BodyChange = {
  change:
    'JSON schemas of tools are brought down to what Google’s own have: no references, lists of types or constants.',
  edit: editFunctions((declared) => {
    const { parameters } = declared;
    if (!isObject(parameters)) return declared;
    const converted = convert(parameters);
    // "properties: should be non-empty for OBJECT type": no parameters at all is how to say that there are none.
    return isObject(converted['properties']) ? { ...declared, parameters: converted } : without(declared, 'parameters');
  }),
};

/** References are resolved and `allOf` is merged before (fitSchema). */
function convert(given: JsonObject): JsonObject {
  const schema = told(given);
  const { types, nullable } = typesOf(schema);
  const maybeNull = nullable ? { nullable: true } : {};
  const options = types.length > 1 ? types.map((type) => ({ ...schema, type })) : choicesOf(schema);
  const [only] = options;
  if (only && options.length === 1)
    return { ...convert({ ...without(schema, 'anyOf', 'oneOf'), ...only }), ...maybeNull };
  // "When using any_of, it must be the only field set."
  if (only && !isObject(schema['properties']))
    return {
      ...pick(schema, ['description']),
      ...maybeNull,
      anyOf: options.map(convert),
    };
  const [type] = types;
  return {
    ...pick(schema, kept),
    ...(type === undefined ? {} : { type }),
    ...maybeNull,
    ...valuesOf(schema, type),
    ...childrenOf(schema, type),
  };
}

/** Constraints that Google has no keyword for (pizza-bot#62): the next integer as a bound, or words. */
function told(schema: JsonObject): JsonObject {
  let fitted = schema;
  for (const [exclusive, bound, step] of exclusiveBounds) {
    const value = fitted[exclusive];
    if (typeof value === 'number' && fitted['type'] === 'integer' && Number.isInteger(value) && !(bound in fitted))
      fitted = { ...without(fitted, exclusive), [bound]: value + step };
  }
  const names = [
    ...worded.filter((name) => ['number', 'string'].includes(typeof fitted[name]) || fitted[name] === true),
    ...wordedSchemas.filter((name) => saysSomething(fitted[name])),
  ];
  return names.length === 0 ? fitted : inWords(fitted, names);
}

const exclusiveBounds = [
  ['exclusiveMinimum', 'minimum', 1],
  ['exclusiveMaximum', 'maximum', -1],
] as const;
const worded = ['exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'uniqueItems', 'format'];

/** Without these, an object whose keys are free is an object without anything. */
const wordedSchemas = [
  'patternProperties', 'additionalProperties', 'propertyNames', 'dependentSchemas', 'dependentRequired', 'prefixItems',
  'contains', 'not', 'if', 'then', 'else',
]; // prettier-ignore

function saysSomething(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function pick(schema: JsonObject, names: readonly string[]): JsonObject {
  return fieldsWhere(schema, (name) => names.includes(name));
}

function choicesOf({ anyOf, oneOf }: JsonObject): JsonObject[] {
  return [...objectsIn(anyOf), ...objectsIn(oneOf)].filter(({ type }) => type !== 'null');
}

/** A list of types, or a null among the choices, is a type that may be null. */
function typesOf({ type, anyOf, oneOf, properties, const: constant, enum: values }: JsonObject): {
  types: unknown[];
  nullable: boolean;
} {
  const given: unknown[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const nullChoice = [...objectsIn(anyOf), ...objectsIn(oneOf)].some((option) => option['type'] === 'null');
  const types = given.filter((each) => each !== 'null');
  const nullable = nullChoice || types.length < given.length;
  if (types.length > 0) return { types, nullable };
  if (isObject(properties)) return { types: ['object'], nullable };
  const sample: unknown = constant ?? (Array.isArray(values) ? values[0] : undefined);
  return { types: typeof sample === 'string' ? ['string'] : [], nullable };
}

/** A constant is an enum of one. "enum: only allowed for STRING type": of other types a description must do. */
function valuesOf({ const: constant, enum: values, description }: JsonObject, type: unknown): JsonObject {
  const all: unknown[] = constant !== undefined ? [constant] : Array.isArray(values) ? values : [];
  if (all.length === 0) return {};
  // "enum[0]: cannot be empty".
  const texts = all.filter((each) => typeof each === 'string' && each !== '');
  if (type === 'string') return texts.length === 0 ? {} : { enum: texts };
  const said = `One of ${all.map((each) => JSON.stringify(each)).join(', ')}.`;
  return { description: typeof description === 'string' ? `${description} ${said}` : said };
}

function childrenOf({ properties, required, items }: JsonObject, type: unknown): JsonObject {
  if (type === 'array')
    return { items: isObject(items) && Object.keys(items).length > 0 ? convert(items) : { type: 'string' } };
  if (type !== 'object' || !isObject(properties) || Object.keys(properties).length === 0) return {};
  const names: unknown[] = Array.isArray(required) ? required : [];
  // "required[1]: property is not defined".
  const defined = names.filter((name) => typeof name === 'string' && Object.hasOwn(properties, name));
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [name, isObject(child) ? convert(child) : { type: 'string' }]),
    ),
    ...(defined.length > 0 ? { required: defined } : {}),
  };
}
