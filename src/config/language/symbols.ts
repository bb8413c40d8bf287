import { findNamed } from '../../canonical/lists.ts';
import { findNodeAtOffset, getNodePath, type Node } from 'jsonc-parser';
import { parseTarget } from '../routes.ts';
import {
  innerSpan,
  isKey,
  nodeAt,
  spanOf,
  stringOf,
  type ConfigDocument,
  type DocumentPreset,
  type DocumentProvider,
  type DocumentRoute,
  type Span,
} from './document.ts';
import { isModelKey, meaningOf, type Meaning } from './meaning.ts';

/** What a text leads to: a preset or route on the way, and the model at its end. Undefined parts are unknown or absent. */
export type Resolved = {
  preset?: DocumentPreset | undefined;
  route?: DocumentRoute | undefined;
  provider?: DocumentProvider | undefined;
  model?: string | undefined;
};

export function resolve(document: ConfigDocument, meaning: Meaning | undefined, text: string): Resolved {
  switch (meaning) {
    case 'preset':
      return resolvePreset(document, text);
    case 'mapping': {
      const found = resolvePreset(document, text);
      return found.preset ? found : resolveRoute(document, text);
    }
    case 'route':
      return resolveRoute(document, text);
    case 'target':
      return resolveTarget(document, text);
    case 'provider':
      return { provider: findProvider(document, text) };
    default:
      return {};
  }
}

function resolvePreset(document: ConfigDocument, text: string): Resolved {
  const preset = findNamed(document.presets, text.trim());
  return preset ? { preset, ...resolveRoute(document, preset.route) } : {};
}

function resolveRoute(document: ConfigDocument, text: string): Resolved {
  const route = findNamed(document.routes, text.trim());
  return route ? { route, ...resolveTarget(document, route.target) } : resolveTarget(document, text);
}

function resolveTarget(document: ConfigDocument, text: string): Resolved {
  const target = parseTarget(text);
  return target ? { provider: findProvider(document, target.provider), model: target.model } : {};
}

/** If two have the name, the first one is used. */
function findProvider({ providers }: ConfigDocument, name: string): DocumentProvider | undefined {
  return findNamed(providers, name);
}

/** The string at an offset, what it means, and what it names. */
export type SymbolAtOffset = Resolved & {
  node: Node;
  text: string;
  meaning: Meaning | undefined;
  /** What the cursor is on, for texts that name more than one thing. */
  part: 'preset' | 'route' | 'provider' | 'model' | undefined;
};

export function symbolAt(document: ConfigDocument, offset: number): SymbolAtOffset | undefined {
  const node = document.root && findNodeAtOffset(document.root, offset, true);
  const text = stringOf(node);
  if (!node || text === undefined) return undefined;
  const path = getNodePath(node);
  const declared = isKey(node) ? declaredByKey(document, node) : declaredByValue(document, node);
  if (declared) return { node, text, meaning: undefined, ...declared };
  if (isKey(node)) {
    const provider = isModelKey(path) ? providerAround(document, node) : undefined;
    return { node, text, meaning: undefined, provider, model: provider && text, part: provider && 'model' };
  }
  const meaning = meaningOf(path);
  const resolved = resolve(document, meaning, text);
  return { node, text, meaning, ...resolved, part: partAt(resolved, meaning, text, offset - node.offset - 1) };
}

type Declared = Resolved & Pick<SymbolAtOffset, 'part'>;

function declaredByKey(document: ConfigDocument, node: Node): Declared | undefined {
  const preset = document.presets.find(({ nameNode }) => nameNode === node);
  if (preset) return { ...resolvePreset(document, preset.name), preset, part: 'preset' };
  const route = document.routes.find(({ nameNode }) => nameNode === node);
  return route && { ...resolveTarget(document, route.target), route, part: 'route' };
}

function declaredByValue(document: ConfigDocument, node: Node): Declared | undefined {
  const provider = document.providers.find(({ nameNode }) => nameNode === node);
  if (provider) return { provider, part: 'provider' };
  if (meaningOf(getNodePath(node)) !== 'model') return undefined;
  const owner = providerAround(document, node);
  return owner && { provider: owner, model: String(node.value), part: 'model' };
}

function providerAround({ providers }: ConfigDocument, { offset }: Node): DocumentProvider | undefined {
  return providers.find(({ node }) => node.offset <= offset && offset < node.offset + node.length);
}

function partAt(
  { preset, route, provider }: Resolved,
  meaning: Meaning | undefined,
  text: string,
  column: number,
): SymbolAtOffset['part'] {
  if (preset) return 'preset';
  if (route) return 'route';
  if (meaning === 'provider') return provider && 'provider';
  return provider && (column > text.indexOf(',') ? 'model' : 'provider');
}

/** Where the thing at an offset is defined. */
export function definitionAt(document: ConfigDocument, offset: number): Span | undefined {
  const symbol = symbolAt(document, offset);
  if (!symbol) return undefined;
  const { part, provider, model } = symbol;
  switch (part) {
    case 'preset':
    case 'route': {
      const named = symbol[part];
      return named && spanOf(named.nameNode);
    }
    case 'provider':
      return provider && spanOf(provider.nameNode);
    case 'model': {
      const listed = nodeAt(provider?.node, ['models'])?.children?.find(({ value }) => value === model);
      const found = listed ?? provider?.nameNode;
      return found && spanOf(found);
    }
    case undefined:
      return undefined;
    default:
      return part satisfies never;
  }
}

/** The text of the symbol in the editor; for a provider in a target, without the model. */
export function spanInText({ node, part, text }: SymbolAtOffset, { text: all }: ConfigDocument): Span {
  const inner = innerSpan(node, all);
  const comma = text.indexOf(',');
  const isPlain = all.slice(inner.start, inner.end) === text;
  if (comma < 0 || isKey(node) || !isPlain) return inner;
  return part === 'provider' ? { start: inner.start, end: inner.start + comma } : inner;
}
