import { findNodeAtOffset, getNodePath, type Node } from 'jsonc-parser';
import { wording, type Wording } from '../../canonical/wording.ts';
import { missingVariableOf } from '../defineVariable.ts';
import type { JsonPath, Problem } from '../problems.ts';
import { parseTarget } from '../routes.ts';
import { isKey, nodeAt, spanOf, stringOf, type ConfigDocument, type DocumentProvider, type Span } from './document.ts';
import type { TextChange } from './rename.ts';

/** A repair of a problem: changes of the text, or a key that the user has to enter. */
export type Fix = { title: Wording; isPreferred?: boolean } & (
  | { kind: 'edit'; changes: TextChange[] }
  | { kind: 'set-key'; provider: string }
  /** Writes the variable into the user's `.env` file, for the user to complete. */
  | { kind: 'define-variable'; name: string }
);

/** The string or key that a problem is about. Undefined if the text is not the one that was checked. */
export function nodeOfProblem({ root, text }: ConfigDocument, { code, line, column }: Problem): Node | undefined {
  if (!root || line === undefined || column === undefined) return undefined;
  const lines = text.split(/\r\n|\n|\r/);
  const breaks = text.match(/\r\n|\n|\r/g) ?? [];
  const before = lines
    .slice(0, line - 1)
    .reduce((sum, each, index) => sum + each.length + (breaks[index]?.length ?? 0), 0);
  const node = findNodeAtOffset(root, before + column - 1);
  // A transformer with options: its name.
  return node?.type === 'array' && code === 'unknown-transformer' ? node.children?.[0] : node;
}

/** What an editor may offer to repair a problem, the likeliest first. */
export function fixesOf(document: ConfigDocument, problem: Problem): Fix[] {
  const node = nodeOfProblem(document, problem);
  if (!node) return [];
  const named = parseTarget(stringOf(node) ?? '')?.provider;
  const provider = document.providers.find((each) => isWithin(node, each.node) || each.name === named);
  const setKey: Fix[] =
    problem.code === 'missing-key' && provider
      ? [
          {
            kind: 'set-key',
            title: wording('Set the API key of {0}', provider.name),
            provider: provider.name,
            isPreferred: true,
          },
        ]
      : [];
  const name = missingVariableOf(problem);
  const define: Fix[] =
    name === undefined ? [] : [{ kind: 'define-variable', title: wording('Define {0} in the .env file', name), name }];
  return [...setKey, ...define, ...replacement(node, problem), ...removal(document, node, problem)];
}

function isWithin({ offset }: Node, outer: Node): boolean {
  return outer.offset <= offset && offset < outer.offset + outer.length;
}

/** Writes the suggestion over a key or a value; not over a reference to a variable, nor over a key that is there already. */
function replacement(node: Node, { suggestion }: Problem): Fix[] {
  const text = stringOf(node);
  if (suggestion === undefined || text === undefined || text.includes('$')) return [];
  const siblings = isKey(node) ? (node.parent?.parent?.children ?? []) : [];
  if (siblings.some(({ children }) => children?.[0]?.value === suggestion)) return [];
  const title = isKey(node) ? wording('Rename to "{0}"', suggestion) : wording('Use "{0}"', suggestion);
  const changes = [{ span: spanOf(node), text: JSON.stringify(suggestion) }];
  return [{ kind: 'edit', title, changes, isPreferred: true }];
}

function removal(document: ConfigDocument, node: Node, { code }: Problem): Fix[] {
  const entry = removable(document, node, code);
  if (!entry) return [];
  const key = entry.type === 'property' ? stringOf(entry.children?.[0]) : undefined;
  const title = key === undefined ? wording('Remove this entry') : wording('Remove "{0}"', key);
  return [{ kind: 'edit', title, changes: removalChanges(document, entry) }];
}

/** The property or list entry without which the problem is gone and the rest still works. */
function removable({ root }: ConfigDocument, node: Node, code: Problem['code']): Node | undefined {
  switch (code) {
    case 'unknown-key':
    case 'key-without-effect':
    case 'duplicate-key':
      return node.parent?.type === 'property' ? node.parent : undefined;
    case 'duplicate-provider':
      return nodeAt(root, getNodePath(node).slice(0, 2));
    case 'unknown-transformer':
      return nodeAt(root, transformerPath(getNodePath(node)));
    case 'unknown-provider':
    case 'unknown-preset':
    case 'not-a-target': {
      const path = entryPath(getNodePath(node));
      const value = path && nodeAt(root, path);
      return value?.parent?.type === 'property' ? value.parent : value;
    }
    default:
      return undefined;
  }
}

/** With its options, if it has some. */
function transformerPath(path: JsonPath): JsonPath {
  const use = path.lastIndexOf('use');
  return path.slice(0, use + 2);
}

/** The default route has to stay. */
function entryPath(path: JsonPath): JsonPath | undefined {
  const [first, second] = path;
  if (first === 'Presets' || first === 'Budgets') return path.slice(0, 2);
  if (first === 'Frontend') return path.slice(0, 4);
  if (first !== 'Router' || second === 'default') return undefined;
  return second === 'rules' || second === 'tiers' ? path.slice(0, 3) : path.slice(0, 2);
}

/** Removes an entry with its comma, and its lines if nothing else is on them. Comments stay. */
export function removalChanges({ text }: ConfigDocument, entry: Node): TextChange[] {
  const end = entry.offset + entry.length;
  const comma = commaAfter(text, end);
  const siblings = entry.parent?.children ?? [];
  const previous = siblings[siblings.indexOf(entry) - 1];
  const earlier = comma === undefined && previous ? commaAfter(text, previous.offset + previous.length) : undefined;
  if (earlier !== undefined && isBlank(text, earlier + 1, entry.offset))
    return [{ span: { start: earlier, end }, text: '' }];
  const isAdjacent = comma !== undefined && isBlank(text, end, comma);
  const spans: Span[] = [
    ...(earlier === undefined ? [] : [{ start: earlier, end: earlier + 1 }]),
    wholeLines(text, { start: entry.offset, end: isAdjacent ? comma + 1 : end }),
    ...(comma === undefined || isAdjacent ? [] : [{ start: comma, end: comma + 1 }]),
  ];
  return spans.map((span) => ({ span, text: '' }));
}

function isBlank(text: string, start: number, end: number): boolean {
  return text.slice(start, end).trim() === '';
}

const upToComma = /(?:\s|\/\/[^\r\n]*(?=[\r\n])|\/\*(?:[^*]|\*(?!\/))*\*\/)*,/y;

/** The place of the comma that follows, past comments. */
function commaAfter(text: string, offset: number): number | undefined {
  upToComma.lastIndex = offset;
  return upToComma.test(text) ? upToComma.lastIndex - 1 : undefined;
}

/** Extends a span over its lines if they hold nothing else, else over the spaces that follow it. */
function wholeLines(text: string, { start, end }: Span): Span {
  const indent = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const lineStart = start - indent;
  const isFirst = lineStart === 0 || /[\r\n]/.test(text[lineStart - 1] ?? '');
  const rest = /^[ \t]*(\r\n|\n|\r)/.exec(text.slice(end))?.[0].length;
  if (isFirst && rest !== undefined) return { start: lineStart, end: end + rest };
  const spaces = /^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
  return { start, end: end + spaces };
}

/** An API key that is written into the config, and where in the secret storage it may move. */
export type PlainKey = { provider: string; key: string; secret: string; change: TextChange };

/** Shorter values are placeholders such as "none", for local servers that need no key. Characters. */
const minLength = 8;

/**
 * The plain API key at an offset. A provider's `api_key` moves to the secret with its name, which takes precedence; so it must
 * not be one of the `secrets` already. Other keys get free names.
 */
export function plainKeyAt(document: ConfigDocument, offset: number, secrets: readonly string[]): PlainKey | undefined {
  const node = document.root && findNodeAtOffset(document.root, offset, true);
  const key = stringOf(node);
  const provider = document.providers.find((each) => node && isWithin(node, each.node));
  if (!node || key === undefined || !provider || isKey(node) || key.length < minLength || key.includes('$'))
    return undefined;
  const [, , field, ...more] = getNodePath(node);
  const secret =
    field === 'api_key' && more.length === 0
      ? provider.name
      : field === 'api_keys' && more.length === 1
        ? freeName(provider, secrets, document.text)
        : undefined;
  if (secret === undefined || secrets.includes(secret) || /[{}]/.test(secret)) return undefined;
  const change = { span: spanOf(node), text: JSON.stringify(`\${secret:${secret}}`) };
  return { provider: provider.name, key, secret, change };
}

function freeName({ name }: DocumentProvider, secrets: readonly string[], text: string): string {
  for (let number = 2; ; number++) {
    const candidate = `${name}-${number}`;
    if (!secrets.includes(candidate) && !text.includes(`\${secret:${candidate}}`)) return candidate;
  }
}
