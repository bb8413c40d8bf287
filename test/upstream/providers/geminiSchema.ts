import { functionOf } from '../chatRules.ts';
import { isObject, objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { Refusal } from '../refusal.ts';

/** The fields of Google's `Schema` (ai.google.dev/api/caching#Schema). */
const schemaFields = [
  'type', 'format', 'title', 'description', 'nullable', 'enum', 'maxItems', 'minItems', 'properties', 'required',
  'minProperties', 'maxProperties', 'minLength', 'maxLength', 'pattern', 'example', 'anyOf', 'propertyOrdering',
  'default', 'items', 'minimum', 'maximum',
]; // prettier-ignore

export function refuseUnknownName(name: string, place?: string): Refusal {
  const at = place === undefined ? '' : ` at '${place}'`;
  return new Refusal(`Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`);
}

/** What becomes of `tools`: function declarations with schemas of Google's own kind. */
export function checkDeclarations(body: JsonObject): void {
  for (const [index, tool] of objectsOf(body['tools']).entries()) {
    const parameters = functionOf(tool)['parameters'];
    if (!isObject(parameters)) continue;
    const place = `tools[0].function_declarations[${index}].parameters`;
    // gunpal5/Google_GenerativeAI#30.
    if (!isObject(parameters['properties']) || Object.keys(parameters['properties']).length === 0)
      throw new Refusal(`* GenerateContentRequest.${place}.properties: should be non-empty for OBJECT type\n`);
    checkSchema(parameters, { json: place, proto: place });
  }
}

/** Errors of the JSON name places otherwise than errors of what it means. */
type Place = { json: string; proto: string };

/** brave-search#12 (const), kilocode#5333 (lists of types), litellm#14330 (additionalProperties), orcs-code (required). */
function checkSchema(schema: JsonObject, { json, proto }: Place): void {
  for (const name of Object.keys(schema)) if (!schemaFields.includes(name)) throw refuseUnknownName(name, json);
  if (Array.isArray(schema['type']))
    throw new Refusal(
      `Invalid JSON payload received. Unknown name "type" at '${json}': Proto field is not repeating, cannot start list.`,
    );
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  for (const name of Object.keys(properties))
    if (!/^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/.test(name))
      throw new Refusal(`* GenerateContentRequest.${proto}.properties: Invalid property name: ${name}\n`);
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const [index, name] of required.entries())
    if (!(stringOf(name) in properties))
      throw new Refusal(`* GenerateContentRequest.${proto}.required[${index}]: property is not defined\n`);
  checkKind(schema, proto);
  for (const [index, [name, value]] of Object.entries(properties).entries())
    if (isObject(value))
      checkSchema(value, { json: `${json}.properties[${index}].value`, proto: `${proto}.properties[${name}]` });
  if (isObject(schema['items'])) checkSchema(schema['items'], { json: `${json}.items`, proto: `${proto}.items` });
  for (const [index, value] of objectsOf(schema['anyOf']).entries())
    checkSchema(value, { json: `${json}.any_of[${index}]`, proto: `${proto}.any_of[${index}]` });
}

function checkKind(schema: JsonObject, place: string): void {
  const { type, enum: values, format, items } = schema;
  if (
    values !== undefined &&
    (type !== 'string' || !Array.isArray(values) || !values.every((each) => typeof each === 'string'))
  )
    throw new Refusal(`* GenerateContentRequest.${place}.enum: only allowed for STRING type\n`);
  if (Array.isArray(values) && values.includes(''))
    throw new Refusal(`* GenerateContentRequest.${place}.enum[${values.indexOf('')}]: cannot be empty\n`);
  if (type === 'array' && !isObject(items))
    throw new Refusal(`* GenerateContentRequest.${place}.items: missing field.\n`);
  if (type === 'string' && format !== undefined && format !== 'enum' && format !== 'date-time')
    throw new Refusal(
      `* GenerateContentRequest.${place}.format: only 'enum' and 'date-time' are supported for STRING type\n`,
    );
}
