import {
  findNodeAtLocation,
  findNodeAtOffset,
  getLocation,
  getNodeValue,
  parseTree,
  type Location,
  type Node,
} from 'jsonc-parser';
import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { JsonPath } from '../problems.ts';
import { routeNames } from '../routes.ts';

/** A range of the text, in characters from its start. */
export type Span = { start: number; end: number };

/** An entry of the config that has a name. */
export type Named = {
  name: string;
  /** The string node with the name: the value of `name`, or the key. */
  nameNode: Node;
  /** The whole entry. */
  node: Node;
};

export type DocumentProvider = Named & { baseUrl: string; models: string[]; value: JsonObject };
export type DocumentPreset = Named & { route: string };
export type DocumentRoute = Named & { target: string };

/** What an editor's text says, also while it is being typed: unfinished parts are left out. */
export type ConfigDocument = {
  text: string;
  root: Node | undefined;
  providers: DocumentProvider[];
  presets: DocumentPreset[];
  routes: DocumentRoute[];
};

/** Never throws: text that is not JSON yields a document without entries. */
export function readDocument(text: string): ConfigDocument {
  const root = parseTolerantly(text);
  return { text, root, providers: providersOf(root), presets: presetsOf(root), routes: routesOf(root) };
}

function parseTolerantly(text: string): Node | undefined {
  return unlessTooDeep(() => parseTree(text, [], { allowTrailingComma: true }));
}

/** What is at an offset of the text; undefined if the text is nested too deeply to tell. */
export function locationAt(text: string, offset: number): Location | undefined {
  return unlessTooDeep(() => getLocation(text, offset));
}

/** Thousands of levels overflow the stack of the parser. */
function unlessTooDeep<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return undefined;
  }
}

function providersOf(root: Node | undefined): DocumentProvider[] {
  return (nodeAt(root, ['Providers'])?.children ?? []).flatMap((node) => {
    const nameNode = nodeAt(node, ['name']);
    const name = stringOf(nameNode);
    if (!nameNode || name === undefined) return [];
    const value: unknown = getNodeValue(node);
    const models = nodeAt(node, ['models'])?.children ?? [];
    return {
      name,
      nameNode,
      node,
      baseUrl: stringOf(nodeAt(node, ['api_base_url'])) ?? '',
      models: models.flatMap((model) => stringOf(model) ?? []),
      value: isObject(value) ? value : {},
    };
  });
}

function presetsOf(root: Node | undefined): DocumentPreset[] {
  return propertiesOf(nodeAt(root, ['Presets'])).map((each) => ({
    ...each,
    route: stringOf(nodeAt(each.node.children?.[1], ['route'])) ?? '',
  }));
}

function routesOf(root: Node | undefined): DocumentRoute[] {
  const known: readonly string[] = routeNames;
  return propertiesOf(nodeAt(root, ['Router']))
    .filter(({ name }) => known.includes(name))
    .map((each) => {
      const value = each.node.children?.[1];
      return { ...each, target: stringOf(value) ?? stringOf(nodeAt(value, ['search_provider'])) ?? '' };
    });
}

/** The properties of an object. `node` is the property, with key and value as its children. */
export function propertiesOf(object: Node | undefined): Named[] {
  return (object?.type === 'object' ? (object.children ?? []) : []).flatMap((node) => {
    const nameNode = node.children?.[0];
    return nameNode ? [{ name: String(nameNode.value), nameNode, node }] : [];
  });
}

export function nodeAt(from: Node | undefined, path: JsonPath): Node | undefined {
  return from && findNodeAtLocation(from, [...path]);
}

export function stringOf(node: Node | undefined): string | undefined {
  return node?.type === 'string' ? String(node.value) : undefined;
}

export function isKey(node: Node): boolean {
  return node.parent?.type === 'property' && node.parent.children?.[0] === node;
}

export function spanOf({ offset, length }: Node): Span {
  return { start: offset, end: offset + length };
}

/** The key or value that starts at this offset, if it is on one line. */
export function valueSpanAt({ text, root }: ConfigDocument, offset: number): Span | undefined {
  const node = root && findNodeAtOffset(root, offset);
  if (node?.offset !== offset) return undefined;
  const span = spanOf(node);
  return text.slice(span.start, span.end).includes('\n') ? undefined : span;
}

/** Without the quotes; the second one is missing while a string is typed. */
export function innerSpan({ offset, length }: Node, text: string): Span {
  const end = offset + length;
  return { start: offset + 1, end: length > 1 && text[end - 1] === '"' ? end - 1 : end };
}

/** Every string of the document, keys included. */
export function stringNodes(node: Node | undefined): Node[] {
  const found: Node[] = [];
  const visit = (each: Node): void => {
    if (each.type === 'string') found.push(each);
    each.children?.forEach(visit);
  };
  if (node) visit(node);
  return found;
}
