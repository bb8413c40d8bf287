import { setField } from '../canonical/json.ts';
import type { DialectParameters, ChatRequest, DialectId, JsonObject } from '../canonical/request.ts';

/** Values that mean the same as leaving the parameter out. */
const defaultValues = new Set<unknown>([undefined, null, false, 0, '', 'auto', 'default', 'disabled']);

/**
 * The client's parameters that are not in `known`, the names that the canonical form models or that no answer depends on.
 * Undefined if there are none.
 */
export function readDialectParameters(
  dialect: DialectId,
  source: JsonObject,
  known: ReadonlySet<string>,
): DialectParameters | undefined {
  let parameters: JsonObject | undefined;
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (!known.has(name) && !defaultValues.has(value) && !isEmpty(value)) setField((parameters ??= {}), name, value);
  }
  return parameters && { dialect, parameters };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The parameters for a request in `dialect`. Empty if the client speaks another dialect. */
export function dialectParametersFor({ dialectParameters }: ChatRequest, dialect: DialectId): JsonObject {
  return dialectParameters?.dialect === dialect ? dialectParameters.parameters : {};
}
