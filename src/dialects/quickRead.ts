import type * as z from 'zod';
import { isObject } from '../canonical/json.ts';

/** What a schema does not accept, or accepts in a way that is left to it. */
export const unread = Symbol('unread');

type Read = (value: unknown) => unknown;

const readers = new WeakMap<z.core.$ZodType, Read>();

/**
 * Reads JSON as `schema` does, without its copies of whatever is accepted as it is, and without a look at fields that are not there.
 * A request has hundreds of messages and blocks, each of which has a schema of its own.
 * @returns `unread` for a value that the schema has to read: it is wrong, or the schema changes it
 */
export function quickRead<T>(schema: z.ZodType<T>, value: unknown): T | typeof unread {
  return readerOf(schema)(value) as T | typeof unread;
}

function readerOf(schema: z.core.$ZodType): Read {
  let reader = readers.get(schema);
  if (!reader) readers.set(schema, (reader = createReader(schema)));
  return reader;
}

function createReader(schema: z.core.$ZodType): Read {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const least = leastLength(def.checks);
  if (least === undefined || 'format' in def || 'coerce' in def) return byItself(schema);
  switch (def.type) {
    case 'string':
      return (value) => (typeof value === 'string' && value.length >= least ? value : unread);
    case 'number':
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? value : unread);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : unread);
    case 'unknown':
      return (value) => value;
    case 'literal':
      return (value) => ((def.values as unknown[]).includes(value) ? value : unread);
    case 'enum': {
      const values = new Set<unknown>(Object.values(def.entries));
      return (value) => (values.has(value) ? value : unread);
    }
    case 'optional':
    case 'nullable': {
      const read = readerOf(def.innerType);
      const absent = def.type === 'optional' ? undefined : null;
      return (value) => (value === absent ? absent : read(value));
    }
    case 'catch':
      return readerOf(def.innerType);
    case 'union':
      return def.options.length > 0 && (def.inclusive !== false || 'discriminator' in def)
        ? readAny(def.options.map(readerOf))
        : byItself(schema);
    case 'array':
      return readItems(readerOf(def.element), least);
    case 'record':
      return isAnything(def.keyType, 'string') && isAnything(def.valueType, 'unknown')
        ? (value) => (isPlain(value) ? value : unread)
        : byItself(schema);
    case 'object':
      return !def.catchall || isAnything(def.catchall, 'unknown') ? readFields(def) : byItself(schema);
    default:
      return byItself(schema);
  }
}

function byItself(schema: z.core.$ZodType): Read {
  return (value) => {
    const { success, data } = (schema as z.ZodType).safeParse(value);
    return success ? data : unread;
  };
}

/** Undefined if there are checks of another kind. */
function leastLength(checks: readonly z.core.$ZodCheck<never>[] = []): number | undefined {
  let least = 0;
  for (const { _zod } of checks as unknown as readonly z.core.$ZodChecks[]) {
    if (_zod.def.check !== 'min_length') return undefined;
    least = Math.max(least, _zod.def.minimum);
  }
  return least;
}

function isAnything(schema: z.core.$ZodType, type: 'string' | 'unknown'): boolean {
  const { def } = schema._zod;
  return def.type === type && !def.checks?.length;
}

/** Not with a field by which JSON could change what an object inherits: schemas leave it out. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Object.hasOwn(value, '__proto__');
}

function readAny(options: readonly Read[]): Read {
  return (value) => {
    for (const read of options) {
      const found = read(value);
      if (found !== unread) return found;
    }
    return unread;
  };
}

function readItems(read: Read, least: number): Read {
  return (value) => {
    if (!Array.isArray(value) || value.length < least) return unread;
    let items: unknown[] = value;
    for (const [index, each] of value.entries()) {
      const found = read(each);
      if (found === unread) return unread;
      if (found === each) continue;
      if (items === value) items = [...value];
      items[index] = found;
    }
    return items;
  };
}

/** Unknown fields are kept or left out, as the schema says. */
function readFields({ shape, catchall }: z.core.$ZodObjectDef): Read {
  const fields = new Map(Object.entries(shape).map(([name, schema]) => [name, readerOf(schema)]));
  const required = Object.keys(shape).filter((name) => {
    const schema = shape[name] as z.core.$ZodType;
    return schema._zod.optin !== 'optional' || readerOf(schema)(undefined) !== undefined;
  });
  return (value) => {
    if (!isPlain(value)) return unread;
    for (const name of required) if (!Object.hasOwn(value, name)) return unread;
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const read = fields.get(name);
      const given = value[name];
      const found = read ? read(given) : given;
      if (found === unread) return unread;
      if (read || catchall) result[name] = found;
    }
    return result;
  };
}
