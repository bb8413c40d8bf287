import { windowSize } from '../../canonical/windowSize.ts';
import { wording, type Wording } from '../../canonical/wording.ts';
import type { DocumentProvider } from './document.ts';

/** What the language features know besides the text. Its owner fills it: config/ knows no providers. */
export type LanguageFacts = {
  /** Undefined if nothing is known of the model. */
  modelFacts(provider: DocumentProvider, model: string): ModelFactsView | undefined;
  /** Variables that `${NAME}` may name, and where each is set. Never their values. */
  variables(): readonly { name: string; from: Wording }[];
  /** Names for `${secret:NAME}`. */
  secrets: readonly string[];
  /** Names for `transformer.use`, with what they do. */
  transformers: readonly { name: string; effect?: Wording | undefined }[];
  knownProviders: readonly KnownProvider[];
};

export type ModelFactsView = {
  /** Tokens. */
  contextWindow?: number | undefined;
  /** Tokens. */
  maxOutputTokens?: number | undefined;
  /** USD per million tokens. */
  prices?: { input: number; output: number; cacheRead?: number | undefined } | undefined;
};

/** A provider that a snippet adds. */
export type KnownProvider = {
  name: string;
  label: string;
  baseUrl: string;
  protocol: string;
  keyVariable?: string;
  models: readonly string[];
  /** Where to create a key, or where to get the program. */
  page: string;
};

/** `200k window · $3 in, $15 out per 1M`; empty if nothing is known. */
export function describeModel({ contextWindow, prices }: ModelFactsView = {}): string | Wording {
  const window = contextWindow === undefined ? undefined : wording('{0} window', windowSize(contextWindow));
  const cost = prices && wording('{0} in, {1} out per 1M', usd(prices.input), usd(prices.output));
  if (window && cost) return { text: '{0} · {1}', values: [window, cost] };
  return window ?? cost ?? '';
}

export function usd(price: number): string {
  return `$${Number(price.toFixed(4))}`;
}

/** The known provider at the same host or with the same name. */
export function knownProviderOf(
  { name, baseUrl }: Pick<DocumentProvider, 'name' | 'baseUrl'>,
  facts: LanguageFacts,
): KnownProvider | undefined {
  const host = URL.parse(baseUrl)?.host;
  return (
    facts.knownProviders.find((known) => host !== undefined && URL.parse(known.baseUrl)?.host === host) ??
    facts.knownProviders.find((known) => known.name === name)
  );
}
