import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editFunctions, objectsIn, without, type BodyChange } from './bodyEdits.ts';

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
    const schema = createConverter(parameters)(parameters);
    // "properties: should be non-empty for OBJECT type": no parameters at all is how to say that there are none.
    return isObject(schema['properties']) ? { ...declared, parameters: schema } : without(declared, 'parameters');
  }),
};

/** Definitions may stand in each other many times over: a schema of more references than this is cut off. */
export const maxReferences = 500;

function createConverter(root: JsonObject): (schema: JsonObject) => JsonObject {
  const definitions = definitionsOf(root);
  let references = 0;

  /** `on`: the references that lead here; one of them again would have no end. */
  function convertReference(schema: JsonObject, reference: string, on: readonly string[]): JsonObject {
    const target = definitions.get(reference);
    references += 1;
    if (!target || on.includes(reference) || references > maxReferences) return { type: 'object' };
    return convert({ ...target, ...without(schema, '$ref') }, [...on, reference]);
  }

  function convert(schema: JsonObject, on: readonly string[]): JsonObject {
    const reference = schema['$ref'];
    if (typeof reference === 'string') return convertReference(schema, reference, on);
    const merged = objectsIn(schema['allOf']).reduce<JsonObject>((all, part) => ({ ...all, ...part }), schema);
    const { types, nullable } = typesOf(merged);
    const maybeNull = nullable ? { nullable: true } : {};
    const options = types.length > 1 ? types.map((type) => ({ ...merged, type })) : choicesOf(merged);
    const [only] = options;
    if (only && options.length === 1)
      return { ...convert({ ...without(merged, 'anyOf', 'oneOf', 'allOf'), ...only }, on), ...maybeNull };
    // "When using any_of, it must be the only field set."
    if (only && !isObject(merged['properties']))
      return {
        ...pick(merged, ['description']),
        ...maybeNull,
        anyOf: options.map((option) => convert(option, on)),
      };
    const [type] = types;
    return {
      ...pick(merged, kept),
      ...(type === undefined ? {} : { type }),
      ...maybeNull,
      ...valuesOf(merged, type),
      ...childrenOf(merged, type, (child) => convert(child, on)),
    };
  }

  return (schema) => convert(schema, []);
}

/** By the reference that names them. */
function definitionsOf(root: JsonObject): ReadonlyMap<string, JsonObject> {
  return new Map(
    ['$defs', 'definitions'].flatMap((place) => {
      const holder = root[place];
      const named = isObject(holder) ? Object.entries(holder) : [];
      return named.flatMap(([name, schema]) => (isObject(schema) ? [[`#/${place}/${name}`, schema] as const] : []));
    }),
  );
}

function pick(schema: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => names.includes(name)));
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
  if (type === 'string') return { enum: all.filter((each) => typeof each === 'string') };
  const said = `One of ${all.map((each) => JSON.stringify(each)).join(', ')}.`;
  return { description: typeof description === 'string' ? `${description} ${said}` : said };
}

function childrenOf(
  { properties, required, items }: JsonObject,
  type: unknown,
  convert: (child: JsonObject) => JsonObject,
): JsonObject {
  if (type === 'array') return { items: isObject(items) ? convert(items) : { type: 'string' } };
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
