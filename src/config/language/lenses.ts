import { wording, type Wording } from '../../canonical/wording.ts';
import { isLoopbackHost } from '../access.ts';
import { innerSpan, nodeAt, spanOf, type ConfigDocument, type DocumentProvider, type Span } from './document.ts';
import { knownProviderOf, type LanguageFacts } from './facts.ts';

/** An action above an entry. `argument`: the name of the provider or preset. */
export type Lens = { span: Span; title: Wording; action: 'set-key' | 'test' | 'use'; argument: string };

export function lensesOf({ providers, presets }: ConfigDocument): Lens[] {
  return [
    ...providers.flatMap((provider): Lens[] => {
      const common = { span: spanOf(provider.nameNode), argument: provider.name };
      const setKey: Lens = { ...common, title: wording('Set Key'), action: 'set-key' };
      return [...(isOnThisMachine(provider) ? [] : [setKey]), { ...common, title: wording('Test'), action: 'test' }];
    }),
    ...presets.map(({ name, nameNode }): Lens => {
      return { span: spanOf(nameNode), title: wording('Use'), action: 'use', argument: name };
    }),
  ];
}

/** Such a server usually needs no key. */
function isOnThisMachine({ baseUrl }: DocumentProvider): boolean {
  const host = URL.parse(baseUrl)?.hostname;
  return host !== undefined && isLoopbackHost(host);
}

export type Link = { span: Span; url: string; tooltip: Wording };

/** The base URLs of known providers lead to the page for keys, or for the program; others to themselves. */
export function linksOf(document: ConfigDocument, facts: LanguageFacts): Link[] {
  return document.providers.flatMap((provider) => {
    const node = nodeAt(provider.node, ['api_base_url']);
    const url = URL.parse(provider.baseUrl);
    if (!node || (url?.protocol !== 'https:' && url?.protocol !== 'http:')) return [];
    const known = knownProviderOf({ name: '', baseUrl: provider.baseUrl }, facts);
    const link = known
      ? {
          url: known.page,
          tooltip:
            known.keyVariable === undefined ? wording('Get {0}', known.label) : wording('API keys of {0}', known.label),
        }
      : { url: url.href, tooltip: wording('Open this URL') };
    return [{ span: innerSpan(node, document.text), ...link }];
  });
}
