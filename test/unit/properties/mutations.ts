import * as fc from 'fast-check';

/** What stands in a mutated place: of the wrong type, empty, or of a name that means something to JavaScript. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 0, -1, 1e21, true, [], {}, [null], [[]], '[DONE]', 'error', 'null'),
  fc.constant({ ['__proto__']: 1, constructor: 2, type: 'text' }),
  fc.constantFrom(
    'text',
    'function',
    'custom',
    'tool',
    'assistant',
    'length',
    'stop',
    'response.completed',
    'tool_use',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ maxLength: 8 }),
);

/** An edit of the JSON at the place to which `path` leads, each number choosing one child of a node. */
const edit = fc.record({
  path: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
  kind: fc.constantFrom('replace', 'remove', 'repeat', 'wrap'),
  value: strange,
});
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

/** Any of `bases` with a few edits anywhere in it, so that most of it is still what readers expect. */
export function mutated(bases: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...bases), fc.array(edit, { maxLength: 3 }))
    .map(([base, edits]) => edits.reduce((json: unknown, each) => apply(json, each, each.path), base));
}

function apply(json: unknown, given: Edit, [step = 0, ...rest]: readonly number[]): unknown {
  if (typeof json !== 'object' || json === null) return given.value;
  const keys = Object.keys(json);
  const key = keys[step % (keys.length || 1)];
  if (key === undefined) return given.value;
  const child: unknown = Reflect.get(json, key);
  const isLast = rest.length === 0 || typeof child !== 'object' || child === null;
  if (Array.isArray(json)) {
    const index = Number(key);
    const edited = isLast ? editItem(child, given) : [apply(child, given, rest)];
    return [...(json as unknown[]).slice(0, index), ...edited, ...(json as unknown[]).slice(index + 1)];
  }
  if (isLast && given.kind === 'remove')
    return Object.fromEntries(Object.entries(json).filter(([name]) => name !== key));
  const [value] = isLast ? editItem(child, given) : [apply(child, given, rest)];
  return { ...json, [key]: value };
}

function editItem(child: unknown, { kind, value }: Edit): unknown[] {
  switch (kind) {
    case 'replace':
      return [value];
    case 'remove':
      return [];
    case 'repeat':
      return [child, child];
    case 'wrap':
      return [[child]];
    default:
      return kind satisfies never;
  }
}
