import { stripComments, type Location } from 'jsonc-parser';
import { escapeSnippet, type Completion } from './completionItem.ts';
import { nodeAt, type ConfigDocument } from './document.ts';
import type { KnownProvider, LanguageFacts } from './facts.ts';

/** A whole entry for each known provider that the config does not have, where an entry of `Providers` may stand. */
export function providerSnippets(
  document: ConfigDocument,
  { previousNode }: Location,
  offset: number,
  { knownProviders }: LanguageFacts,
): Completion[] {
  const entries = nodeAt(document.root, ['Providers'])?.children ?? [];
  if (entries.some((entry) => entry.type === 'object' && entry.offset < offset && offset < entry.offset + entry.length))
    return [];
  const isTyped = previousNode?.type === 'string';
  const span = isTyped
    ? { start: previousNode.offset, end: Math.max(previousNode.offset + previousNode.length, offset) }
    : { start: offset, end: offset };
  const before = stripComments(document.text.slice(0, span.start)).trimEnd();
  const after = stripComments(document.text.slice(span.end)).trimStart();
  const [start, end] = [before.endsWith('}') ? ',' : '', after.startsWith('{') ? ',' : ''];
  const used = new Set(document.providers.map(({ name }) => name));
  return knownProviders
    .filter(({ name }) => !used.has(name))
    .map((provider) => ({
      label: provider.name,
      kind: 'snippet',
      detail: provider.label,
      insert: `${start}${snippet(provider)}${end}`,
      span,
      isSnippet: true,
    }));
}

/** The editor adapts the indentation. Without suggested models, the cursor ends where the models' names belong. */
function snippet({ name, baseUrl, protocol, keyVariable, models }: KnownProvider): string {
  const fields = [
    ['name', name],
    ['api_base_url', baseUrl],
    ...(keyVariable === undefined ? [] : [['api_key', `\${${keyVariable}}`]]),
    ...(protocol === 'openai' ? [] : [['protocol', protocol]]),
  ].map(([key, value]) => `\t"${key}": ${escapeSnippet(JSON.stringify(value))},`);
  const list = models.length === 0 ? '"$1"' : models.map((model) => escapeSnippet(JSON.stringify(model))).join(', ');
  return ['{', ...fields, `\t"models": [${list}]`, '}'].join('\n');
}
