import { findNamed } from '../../canonical/lists.ts';
import { getNodePath } from 'jsonc-parser';
import { parseTarget } from '../routes.ts';
import { isKey, spanOf, stringNodes, stringOf, type ConfigDocument, type Span } from './document.ts';
import { meaningOf } from './meaning.ts';
import { spanInText, symbolAt } from './symbols.ts';

/** One change of the text. */
export type TextChange = { span: Span; text: string };

/** A provider or preset that can be renamed. `span`: its name at the cursor. */
export type Renamable = { kind: 'provider' | 'preset'; name: string; span: Span };

export function renamableAt(document: ConfigDocument, offset: number): Renamable | undefined {
  const symbol = symbolAt(document, offset);
  if (symbol?.part !== 'provider' && symbol?.part !== 'preset') return undefined;
  const name = symbol[symbol.part]?.name;
  return name === undefined ? undefined : { kind: symbol.part, name, span: spanInText(symbol, document) };
}

/**
 * The changes that rename a provider or preset wherever the config names it. The rest of the text stays.
 * @throws Error if the new name is taken or can't be one
 */
export function renameChanges(document: ConfigDocument, { kind, name }: Renamable, newName: string): TextChange[] {
  const wanted = newName.trim();
  const taken = (kind === 'provider' ? document.providers : document.presets).some((each) => each.name === wanted);
  if (wanted === '') throw new Error(`Enter a name for the ${kind}.`);
  if (wanted === name) return [];
  if (taken) throw new Error(`There is already a ${kind} "${wanted}".`);
  if (kind === 'provider' && wanted.includes(','))
    throw new Error('The name of a provider must not contain a comma, which separates provider and model in a route.');
  const renamed = kind === 'provider' ? renamedProvider : renamedPreset;
  return stringNodes(document.root).flatMap((node) => {
    const text = renamed(document, node, name, wanted);
    return text === undefined ? [] : [{ span: spanOf(node), text: JSON.stringify(text) }];
  });
}

type StringNode = ReturnType<typeof stringNodes>[number];

/** The new text of a node that names the provider. */
function renamedProvider(document: ConfigDocument, node: StringNode, name: string, wanted: string): string | undefined {
  const text = stringOf(node) ?? '';
  const path = getNodePath(node);
  if (isKey(node)) return isTierOf(document, path, name) ? wanted : undefined;
  if (document.providers.some((each) => each.nameNode === node)) return text === name ? wanted : undefined;
  switch (meaningOf(path)) {
    case 'target':
    case 'route':
    case 'mapping':
      return parseTarget(text)?.provider === name ? `${wanted}${text.slice(text.indexOf(','))}` : undefined;
    case 'provider':
      return text === name ? wanted : undefined;
    default:
      return undefined;
  }
}

/** `Router.tierRetries` has keys by the tier's name, which is the provider's unless it has a `tier_name`. */
function isTierOf({ providers }: ConfigDocument, path: readonly (string | number)[], name: string): boolean {
  const provider = findNamed(providers, name);
  return (
    path.length === 3 &&
    path[0] === 'Router' &&
    path[1] === 'tierRetries' &&
    path[2] === name &&
    typeof provider?.value['tier_name'] !== 'string'
  );
}

function renamedPreset(
  { presets }: ConfigDocument,
  node: StringNode,
  name: string,
  wanted: string,
): string | undefined {
  const text = stringOf(node) ?? '';
  if (isKey(node)) return presets.some(({ nameNode }) => nameNode === node) && text === name ? wanted : undefined;
  const meaning = meaningOf(getNodePath(node));
  const namesPreset = meaning === 'preset' || meaning === 'mapping';
  return namesPreset && text.trim() === name ? wanted : undefined;
}
