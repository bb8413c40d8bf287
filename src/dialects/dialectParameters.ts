import type { DialectParameters, ChatRequest, DialectId, JsonObject } from '../canonical/request.ts';

/** What says no more than what is absent. */
const saysNothing = new Set<unknown>([undefined, null, false, 0, '', 'auto', 'default', 'disabled']);

/**
 * Of the client’s parameters, those that are not among `names`: the canonical form has them, or no answer depends on them.
 * Undefined for none.
 */
export function readDialectParameters(
  dialect: DialectId,
  source: JsonObject,
  names: ReadonlySet<string>,
): DialectParameters | undefined {
  const unknown = Object.entries(source).filter(
    ([name, value]) => !names.has(name) && !saysNothing.has(value) && !isEmpty(value),
  );
  return unknown.length === 0 ? undefined : { dialect, parameters: Object.fromEntries(unknown) };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** For a writer of `dialect`: none where the client speaks another one. */
export function dialectParametersFor({ dialectParameters }: ChatRequest, dialect: DialectId): JsonObject {
  return dialectParameters?.dialect === dialect ? dialectParameters.parameters : {};
}
