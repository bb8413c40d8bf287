import { isObject, parseJson } from '../../canonical/json.ts';
import { takes } from '../../canonical/toolArguments.ts';
import type { JsonObject } from '../../canonical/request.ts';

/** A call as markup states it. `input` is the text of a JSON object. */
export type MarkupCall = { id?: string; name: string; input: string };

/** The parameters' schema of a declared tool, by name; undefined for a tool that was not declared. */
export type SchemaOf = (name: string) => JsonObject | undefined;

/** How one family of models writes calls when no parser of its server takes them out of the text. */
export type MarkupGrammar = {
  /** Each begins a section of calls. */
  openers: readonly string[];
  /** Each ends it. Without any, a section ends with its block of text. */
  closers: readonly string[];
  /** How a section of calls begins: what begins otherwise is text about markup. */
  begins: RegExp;
  /** Whether it is taken out of thinking too: only markup of tokens that no one writes when thinking about calls. */
  inReasoning: boolean;
  /** A section of nothing but this is what is left of calls, and is dropped. */
  leftover?: RegExp;
  /** It is an end without a beginning, and over where anything else follows. `behindCalls`: only behind calls of the same block. */
  stray?: { behindCalls: boolean };
  /** The calls in a section, which begins with its opener; empty when it holds anything that is no whole call. */
  read(section: string, schemaOf: SchemaOf): MarkupCall[];
};

/** What stands between the opener and the closer. */
export function inside({ openers, closers }: MarkupGrammar, section: string): string {
  const opener = openers.find((each) => section.startsWith(each)) ?? '';
  const rest = section.slice(opener.length).trimEnd();
  const closer = closers.find((each) => rest.endsWith(each)) ?? '';
  return rest.slice(0, rest.length - closer.length).trim();
}

/** All of `calls`, or none if one is missing. */
export function whole(calls: readonly (MarkupCall | undefined)[]): MarkupCall[] {
  const found = calls.filter((call) => call !== undefined);
  return found.length === calls.length ? found : [];
}

/** The calls that `pattern` finds in `text`; none if there is anything beside them, such as one that was cut off. */
export function wholeCalls(
  text: string,
  pattern: RegExp,
  read: (match: RegExpExecArray) => MarkupCall | undefined,
): MarkupCall[] {
  return whole((matchesOnly(text, pattern) ?? []).map(read));
}

/**
 * The matches of `pattern`, if `text` has nothing else but blanks between them. One after the other: a search for the next match
 * would go to the end of the text again from each beginning of a call that has no end.
 */
function matchesOnly(text: string, pattern: RegExp): RegExpExecArray[] | undefined {
  const here = new RegExp(pattern.source, 'y');
  const found: RegExpExecArray[] = [];
  const length = text.trimEnd().length;
  for (let at = 0; ;) {
    while (at < length && /\s/.test(text.charAt(at))) at++;
    if (at >= length) return found;
    here.lastIndex = at;
    const match = here.exec(text);
    if (!match || match[0] === '') return undefined;
    found.push(match);
    at = here.lastIndex;
  }
}

/** Objects of JSON: one, a list, or one after the other with a line end or a semicolon between them. */
export function jsonCalls(inner: string): MarkupCall[] {
  const parsed = parseJson(inner);
  if (parsed !== undefined) return whole((Array.isArray(parsed) ? parsed : [parsed]).map(namedCall));
  return whole(inner.split(/[;\n]\s{0,200}(?=\{)/).map((each) => namedCall(parseJson(each))));
}

function namedCall(value: unknown): MarkupCall | undefined {
  const name = isObject(value) ? (value['name'] ?? value['tool_name']) : undefined;
  if (!isObject(value) || typeof name !== 'string') return undefined;
  const given = value['arguments'] ?? value['parameters'] ?? value['input'] ?? {};
  const id = typeof value['id'] === 'string' ? value['id'] : undefined;
  return objectCall(name, typeof given === 'string' ? given : JSON.stringify(given), id);
}

/** Some models write the names as attributes, some with spaces. */
const functionTag = /<function\s*(?:=|name=)\s*"?([^">\n]+)"?\s*>([\s\S]*?)<\/function>/g;
/** A value may hold the tag that ends it, and some models leave that out. */
const functionParameter =
  /<parameter\s*(?:=|name=)\s*"?([^">\n]+)"?\s*>([\s\S]*?)(?:<\/parameter>(?=\s*(?:<parameter\s*(?:=|name=)|$))|(?=<parameter\s*(?:=|name=))|$)/g;

export function functionTags(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  return wholeCalls(inner, functionTag, ([, name = '', parameters = '']) =>
    // Llama 3.1 writes JSON between the same tags (llama-models, prompt_format.md).
    parameters.trimStart().startsWith('{')
      ? objectCall(name, parameters)
      : parameterCall(name.trim(), parameters, functionParameter, schemaOf),
  );
}

/** The models sometimes leave the tag out that opens a value (vllm#49248). */
const glmParameter = /<arg_key>([^<]*)<\/arg_key>\s*(?:<arg_value>)?([\s\S]*?)<\/arg_value>/g;

export function glmCall(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  const head = /^([\w.-]+)\s*(?:<tool_sep>\s*)?(?=<arg_key>|$)/.exec(inner);
  return head ? whole([parameterCall(head[1] ?? '', inner.slice(head[0].length), glmParameter, schemaOf)]) : [];
}

/** A call whose parameters stand in tags, as text. One line end at either side belongs to the markup. */
export function parameterCall(
  name: string,
  parameters: string,
  pattern: RegExp,
  schemaOf: SchemaOf,
): MarkupCall | undefined {
  return callOf(
    name,
    pairsIn(parameters, pattern, ([, key = '', value = '']) => [
      key.trim(),
      readParameterText(value.replace(/^\n/, '').replace(/\n$/, ''), schemaOf(name), key.trim()),
    ]),
  );
}

type Pairs = [name: string, value: unknown][];

/** The parameters that `pattern` finds; undefined if there is anything beside them. */
export function pairsIn(
  text: string,
  pattern: RegExp,
  read: (match: RegExpExecArray) => Pairs[number],
): Pairs | undefined {
  return matchesOnly(text, pattern)?.map(read);
}

export function callOf(name: string, pairs: Pairs | undefined): MarkupCall | undefined {
  return pairs && { name, input: JSON.stringify(Object.fromEntries(pairs)) };
}

/** Text of a parameter as its schema wants it: where a string is allowed, it is one. */
export function readParameterText(value: string, schema: JsonObject | undefined, key: string): unknown {
  const properties = schema?.['properties'];
  const declared = isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (isObject(declared) ? takes(declared, 'string') : true) return value;
  return parseJson(value) ?? value;
}

export function objectCall(name = '', input = '', id?: string): MarkupCall | undefined {
  const text = input.trim() === '' ? '{}' : input.trim();
  return isObject(parseJson(text)) ? { name: name.trim(), input: text, ...(id !== undefined && { id }) } : undefined;
}
