import type { DialectId } from '../canonical/request.ts';
import type { NameRule } from '../canonical/fittingName.ts';
import type { Features } from './provider.ts';

/** No name is rewritten. */
export const anyName: NameRule = { pattern: /^/, length: Infinity };

const toolNames: NameRule = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 64 };

/** The features that an unknown provider is assumed to have. */
export const commonFeatures: Record<DialectId, Features> = {
  'openai-chat': {
    customTools: false,
    namespaces: false,
    toolNames,
    parameterNames: anyName,
    hostedTools: false,
    images: true,
    compaction: false,
  },
  'openai-responses': {
    customTools: true,
    namespaces: false,
    toolNames,
    parameterNames: anyName,
    hostedTools: false,
    images: true,
    compaction: false,
  },
  'anthropic-messages': {
    customTools: false,
    namespaces: false,
    toolNames: { pattern: /^[a-zA-Z0-9_-]{1,128}$/, length: 128 },
    parameterNames: anyName,
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
  toolNames: ({ pattern }) =>
    `Names of tools that do not match \`${pattern.source}\` are rewritten, and restored in the reply.`,
  parameterNames: ({ pattern }) =>
    `Names of parameters that do not match \`${pattern.source}\` are rewritten, and restored in the reply.`,
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
    ...(all.toolNames === common.toolNames ? [] : [inWords.toolNames(all.toolNames)]),
    ...(all.parameterNames === common.parameterNames ? [] : [inWords.parameterNames(all.parameterNames)]),
    ...(all.hostedTools === common.hostedTools ? [] : [inWords.hostedTools(all.hostedTools)]),
    ...(all.images === common.images ? [] : [inWords.images(all.images)]),
    ...(all.compaction === common.compaction ? [] : [inWords.compaction(all.compaction)]),
  ];
}
