import { wording } from '../../canonical/wording.ts';
import type { Location } from 'jsonc-parser';
import { formatTarget } from '../routes.ts';
import { escapeSnippet, type Completion } from './completionItem.ts';
import { locationAt, type ConfigDocument } from './document.ts';
import { describeModel, knownProviderOf, type LanguageFacts } from './facts.ts';
import { isModelKey, meaningOf, type Meaning } from './meaning.ts';
import { providerSnippets } from './providerSnippets.ts';
import { completeVariables } from './variableCompletion.ts';

type Offer = Pick<Completion, 'label' | 'kind' | 'detail'>;

/** What may stand at an offset of the text, in the order to show it. The editor filters by what is typed there. */
export function complete(document: ConfigDocument, offset: number, facts: LanguageFacts): Completion[] {
  const location = locationAt(document.text, offset);
  if (!location) return [];
  if (location.isAtPropertyKey) return completeKey(document, location, offset, facts);
  const variables = completeVariables(document.text, location, offset, facts);
  if (variables) return variables;
  const { path } = location;
  if (path.length === 2 && path[0] === 'Providers') return providerSnippets(document, location, offset, facts);
  const meaning = meaningOf(path);
  return meaning ? asStrings(offersOf(meaning, document, Number(path[1]), facts), location, offset) : [];
}

function offersOf(meaning: Meaning, document: ConfigDocument, index: number, facts: LanguageFacts): Offer[] {
  switch (meaning) {
    case 'target':
      return targetOffers(document, facts);
    case 'route':
      return [...routeOffers(document), ...targetOffers(document, facts)];
    case 'mapping':
      return [...presetOffers(document), ...routeOffers(document), ...targetOffers(document, facts)];
    case 'preset':
      return presetOffers(document);
    case 'provider':
      return document.providers.map(({ name, baseUrl }) => ({ label: name, kind: 'provider', detail: baseUrl }));
    case 'transformer':
      return facts.transformers.map(({ name, effect }) => ({
        label: name,
        kind: 'transformer',
        ...(effect !== undefined && { detail: effect }),
      }));
    case 'model':
      return modelOffers(document, index, facts);
    case 'url':
      return facts.knownProviders.map(({ baseUrl, label }) => ({ label: baseUrl, kind: 'provider', detail: label }));
    default:
      return meaning satisfies never;
  }
}

function targetOffers({ providers }: ConfigDocument, facts: LanguageFacts): Offer[] {
  return providers.flatMap((provider) =>
    provider.models.map((model) => ({
      label: formatTarget({ provider: provider.name, model }),
      kind: 'model' as const,
      detail: describeModel(facts.modelFacts(provider, model)),
    })),
  );
}

function presetOffers({ presets }: ConfigDocument): Offer[] {
  return presets.map(({ name, route }) => ({ label: name, kind: 'preset', detail: wording('preset: {0}', route) }));
}

function routeOffers({ routes }: ConfigDocument): Offer[] {
  return routes.map(({ name, target }) => ({ label: name, kind: 'route', detail: wording('route: {0}', target) }));
}

/** The models that a known provider has and this entry does not list yet. */
function modelOffers(document: ConfigDocument, index: number, facts: LanguageFacts): Offer[] {
  const provider = providerAt(document, index);
  if (!provider) return [];
  const known = knownProviderOf(provider, facts)?.models ?? [];
  return known
    .filter((model) => !provider.models.includes(model))
    .map((model) => ({ label: model, kind: 'model', detail: describeModel(facts.modelFacts(provider, model)) }));
}

/** A key that is a model's name, in `model_info` and such. */
function completeKey(document: ConfigDocument, location: Location, offset: number, facts: LanguageFacts): Completion[] {
  const { path, previousNode } = location;
  if (!isModelKey(path)) return [];
  const provider = providerAt(document, Number(path[1]));
  if (!provider) return [];
  const offers = provider.models.map((model): Offer => {
    return { label: model, kind: 'model', detail: describeModel(facts.modelFacts(provider, model)) };
  });
  const keys = asStrings(offers, location, offset);
  return previousNode && /^\s*:/.test(document.text.slice(previousNode.offset + previousNode.length))
    ? keys
    : keys.map((key) => ({ ...key, insert: `${escapeSnippet(key.insert)}: {$1}`, isSnippet: true }));
}

/** By its index in the file; the document's list of providers leaves out entries without a name. */
function providerAt({ providers }: ConfigDocument, index: number) {
  return providers.find(({ node }) => node.parent?.children?.[index] === node);
}

/** Replaces the string at the cursor, quotes included, or inserts one. */
function asStrings(offers: readonly Offer[], { previousNode }: Location, offset: number): Completion[] {
  const isString = previousNode?.type === 'string' || previousNode?.type === 'property';
  const span =
    isString && previousNode.offset <= offset
      ? { start: previousNode.offset, end: Math.max(previousNode.offset + previousNode.length, offset) }
      : { start: offset, end: offset };
  return offers.map((offer) => ({ ...offer, insert: JSON.stringify(offer.label), span }));
}
