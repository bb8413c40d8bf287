import type { DialectId } from '../canonical/request.ts';
import type { Features } from './provider.ts';

/** The features that an unknown provider is assumed to have. */
export const commonFeatures: Record<DialectId, Features> = {
  'openai-chat': {
    customTools: false,
    namespaces: false,
    toolNameLength: 64,
    hostedTools: false,
    images: true,
    compaction: false,
  },
  'openai-responses': {
    customTools: true,
    namespaces: false,
    toolNameLength: 64,
    hostedTools: false,
    images: true,
    compaction: false,
  },
  'anthropic-messages': {
    customTools: false,
    namespaces: false,
    toolNameLength: 128,
    hostedTools: false,
    images: true,
    compaction: false,
  },
};

/** For users: what it means that a provider has a feature, or has it not. */
const inWords: { [Name in keyof Features]: (value: Features[Name]) => string } = {
  customTools: (has) =>
    has
      ? 'Tools with free text as their input go as they are.'
      : 'Tools with free text as their input become functions.',
  namespaces: (has) =>
    has ? 'Namespaces of tools go as they are.' : 'Namespaces of tools become part of their names.',
  toolNameLength: (length) => `Names of tools that are longer than ${length} characters are shortened.`,
  hostedTools: (has) =>
    has
      ? 'Tools that the provider itself runs stay.'
      : 'Tools that a provider itself would run are left out, with a warning.',
  images: (has) => (has ? 'Images go as they are.' : 'The model counts as one that reads text only.'),
  compaction: (has) =>
    has
      ? 'The provider condenses a conversation itself.'
      : 'To condense a conversation, the model is asked for a summary.',
};

/** How a provider with `features` differs from an unknown one. */
export function describeFeatures(protocol: DialectId, features: Partial<Features>): string[] {
  const common = commonFeatures[protocol];
  const all = { ...common, ...features };
  return [
    ...(all.customTools === common.customTools ? [] : [inWords.customTools(all.customTools)]),
    ...(all.namespaces === common.namespaces ? [] : [inWords.namespaces(all.namespaces)]),
    ...(all.toolNameLength === common.toolNameLength ? [] : [inWords.toolNameLength(all.toolNameLength)]),
    ...(all.hostedTools === common.hostedTools ? [] : [inWords.hostedTools(all.hostedTools)]),
    ...(all.images === common.images ? [] : [inWords.images(all.images)]),
    ...(all.compaction === common.compaction ? [] : [inWords.compaction(all.compaction)]),
  ];
}
