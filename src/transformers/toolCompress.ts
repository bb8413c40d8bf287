import { editRequest } from '../canonical/editRequest.ts';
import { isObject } from '../canonical/json.ts';
import type { FunctionTool, JsonObject } from '../canonical/request.ts';
import type { Transform, TransformOptions } from './transform.ts';

/** 1 removes examples and extra white space, 2 also shortens descriptions, 3 keeps only the first sentence of each tool's description. */
export type Level = 1 | 2 | 3;

const levelNames = new Map<unknown, Level>([
  ['low', 1],
  ['medium', 2],
  ['high', 3],
  [1, 1],
  [2, 2],
  [3, 3],
]);

/** Maximum length of the descriptions of tools and of parameters. Infinity keeps all of it, 0 removes it. Characters. */
const limits: Record<Level, { tool: number; parameter: number }> = {
  1: { tool: Infinity, parameter: Infinity },
  2: { tool: 400, parameter: 120 },
  3: { tool: 160, parameter: 0 },
};

/** Accepts CCR-Rust's level names low, medium and high (its docs/token_optimization.md). The default is the lowest. */
export function toolCompress({ level: asked = 1 }: TransformOptions): Transform {
  const level = levelNames.get(typeof asked === 'string' ? levelKey(asked) : asked) ?? 1;
  return (request) => {
    const tools = request.tools.map((tool) => (tool.kind === 'function' ? compressTool(tool, level) : tool));
    if (tools.every((tool, index) => tool === request.tools[index])) return undefined;
    return { request: editRequest(request, { tools }) };
  };
}

function levelKey(asked: string): string | number {
  return /^[123]$/.test(asked) ? Number(asked) : asked.toLowerCase();
}

/** Keeps names, types, enums and required lists: they decide whether a call is valid. */
function compressTool(tool: FunctionTool, level: Level): FunctionTool {
  const { description, namespaceDescription } = tool;
  const parameters = compressSchema(tool.parameters, level);
  const texts = {
    ...(description !== undefined && { description: shorten(description, level, limits[level].tool) }),
    ...(namespaceDescription !== undefined && {
      namespaceDescription: shorten(namespaceDescription, level, limits[level].tool),
    }),
  };
  const same =
    parameters === tool.parameters &&
    (texts.description ?? description) === description &&
    (texts.namespaceDescription ?? namespaceDescription) === namespaceDescription;
  return same ? tool : { ...tool, ...texts, parameters };
}

/** JSON Schema keywords by what they hold, so that a property named `description` is not taken for the keyword. */
const schemas = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']);
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

function compressSchema(schema: JsonObject, level: Level): JsonObject {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === '$comment' || key === 'examples') return [];
    if (key !== 'description' || typeof value !== 'string') return [[key, compressKeyword(key, value, level)]];
    const text = shorten(value, level, limits[level].parameter);
    return text === '' ? [] : [[key, text]];
  });
  const same = entries.length === Object.keys(schema).length && entries.every(([key, value]) => value === schema[key]);
  return same ? schema : Object.fromEntries(entries);
}

function compressKeyword(key: string, value: unknown, level: Level): unknown {
  const compress = (each: unknown): unknown => (isObject(each) ? compressSchema(each, level) : each);
  if (schemas.has(key)) return compress(value);
  if (schemaLists.has(key) && Array.isArray(value)) {
    const list = value.map(compress);
    return list.every((each, index) => each === value[index]) ? value : list;
  }
  if (schemaMaps.has(key) && isObject(value)) {
    const entries = Object.entries(value).map(([name, each]) => [name, compress(each)] as const);
    return entries.every(([name, each]) => each === value[name]) ? value : Object.fromEntries(entries);
  }
  return value;
}

/** Never longer than `text`; '' only if `limit` is 0 or `text` is blank. */
function shorten(text: string, level: Level, limit: number): string {
  if (limit === 0) return '';
  const tidy = withoutExamples(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  // A description that consists only of an example is better than none.
  const whole = tidy === '' ? text.trim() : tidy;
  if (level === 1) return whole;
  return beginning(level === 2 ? whole : firstSentence(whole), limit);
}

/** Removes examples in tags, and those from a line such as "Examples:" to the end of the paragraph or code block after it. */
function withoutExamples(text: string): string {
  const lines = withoutTagged(text).split('\n');
  const lastFence = lines.findLastIndex(isFence);
  const kept: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (exampleHeading.test(line)) at = endOfExamples(lines, at + 1, lastFence);
    else {
      kept.push(line);
      at++;
    }
  }
  return kept.join('\n');
}

const exampleHeading = /^[#* \t]*examples?\b[^\n]*:[* \t]*$/i;

function isFence(line: string | undefined): boolean {
  return line?.trimStart().startsWith('```') ?? false;
}

/** The index of the first line after the examples below a heading. */
function endOfExamples(lines: readonly string[], start: number, lastFence: number): number {
  let at = start;
  while (lines[at]?.trim() === '') at++;
  if (isFence(lines[at]) && at < lastFence) {
    at++;
    while (!isFence(lines[at])) at++;
    return at + 1;
  }
  at = start;
  while (at < lines.length && lines[at]?.trim() !== '') at++;
  return at;
}

/** Splits at the tags, since a regular expression for pairs is quadratic in a text full of opening tags. */
function withoutTagged(text: string): string {
  const pieces = text.split(/(<\/?examples?>)/i);
  const lastEnd = pieces.findLastIndex((piece) => /^<\/examples?>$/i.test(piece));
  let isOpen = false;
  return pieces
    .filter((piece, index) => {
      if (/^<examples?>$/i.test(piece) && index < lastEnd) isOpen = true;
      const isKept = !isOpen;
      if (/^<\/examples?>$/i.test(piece)) isOpen = false;
      return isKept;
    })
    .join('');
}

/** As many whole sentences as fit. If the first one is too long, cuts it between words. */
function beginning(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = 0;
  for (const match of text.matchAll(sentenceEnd)) {
    const next = match.index + match[0].length;
    if (next > limit) break;
    end = next;
  }
  if (end > 0) return text.slice(0, end).trim();
  const words = text.slice(0, limit - 1).replace(/\s+\S*$/, '');
  return `${words.trim()}…`;
}

/** Punctuation that is followed by a new sentence or line, except after abbreviations such as "e.g."; or an empty line. */
const sentenceEnd = /(?<!\b(?:e\.g|i\.e|etc|vs|cf))[.!?](?=\s+[^a-z\s]|\s*\n|\s*$)|\n\n/g;

function firstSentence(text: string): string {
  const end = text.search(sentenceEnd);
  return end === -1 ? text : text.slice(0, end + 1).trim();
}
