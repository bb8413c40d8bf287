import { spoken, type Wording } from '../../src/canonical/wording.ts';

/** A value in which each wording is a text. */
export type Spoken<Value> = Value extends Wording
  ? string
  : Value extends object
    ? { [Key in keyof Value]: Spoken<Value[Key]> }
    : Value;

/** A copy in which each wording is its English text. */
export function spokenIn<Value>(value: Value): Spoken<Value>;
export function spokenIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => spokenIn(item));
  if (typeof value !== 'object' || value === null) return value;
  if ('text' in value && 'values' in value) return spoken(value as Wording);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spokenIn(item) as unknown]));
}
