import { applyEdits, findNodeAtLocation, modify, parseTree, type JSONPath } from 'jsonc-parser';

/**
 * Takes a provider out of the text of a config file. The rest is unchanged, comments and routes included.
 * @throws Error if the config has no provider of this name.
 */
export function removeProvider(text: string, name: string): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const providers = root && findNodeAtLocation(root, ['Providers']);
  const index = (providers?.children ?? []).findIndex(
    (provider) => findNodeAtLocation(provider, ['name'])?.value === name,
  );
  if (index < 0) throw new Error(`The config has no provider "${name}".`);
  const place: JSONPath = ['Providers', index];
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: text.includes('\r\n') ? '\r\n' : '\n' };
  return applyEdits(text, modify(text, place, undefined, { formattingOptions }));
}
