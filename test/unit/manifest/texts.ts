// The texts of package.json that people read, in package.nls.json: VS Code puts those of its display language in their place.

/** The properties of `contributes` and `capabilities` that hold such texts. */
const textProperties = new Set(['title', 'name', 'contents', 'description', 'markdownDescription', 'altText']);
/** The product's name is the same in every language. */
const untranslated = new Set(['CCR']);

export type Texts = Record<string, string>;

/** A part of package.json with `%key%` in place of each text, and the texts by their keys. */
export function extractTexts(part: object, name: string): { part: object; texts: Texts } {
  const texts: Texts = {};

  function visit(value: unknown, path: string): unknown {
    if (Array.isArray(value))
      return value.map((each: unknown, index) => visit(each, `${path}.${nameOf(each) ?? index}`));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, each]: [string, unknown]) => {
      const place = `${path}.${key}`;
      if (typeof each !== 'string' || !textProperties.has(key) || untranslated.has(each))
        return [key, visit(each, place)];
      texts[place] = each;
      return [key, `%${place}%`];
    });
    return Object.fromEntries(entries) as unknown;
  }

  return { part: visit(part, name) as object, texts };
}

/** A stable name of a list's entry, so that another order changes no key. */
function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  for (const key of ['id', 'command', 'view']) {
    const name: unknown = Reflect.get(entry, key);
    if (typeof name === 'string') return name;
  }
  return undefined;
}
