import { developerToSystem, dropFields, dropOpenAiFields, useMaxTokens, without, type BodyEdit } from './bodyEdits.ts';
import { replaceIds } from './callIds.ts';
import type { ProviderQuirk } from './quirk.ts';

/** Mistral's API (providers.md, "Mistral"): "Extra inputs are not permitted", and call ids of one form alone. */
export const mistral: ProviderQuirk = {
  name: 'mistral',
  hosts: ['mistral.ai'],
  wires: {
    'openai-chat': () => ({
      replay: 'none',
      edits: [
        developerToSystem,
        useMaxTokens,
        dropOpenAiFields,
        dropFields('prompt_cache_key', 'stream_options', 'user'),
        mapEffort,
        shortenIds,
      ],
    }),
  },
};

/** High or none. */
const mapEffort: BodyEdit = (body) => {
  const effort = body['reasoning_effort'];
  if (typeof effort !== 'string') return body;
  const rest = without(body, 'reasoning_effort');
  return { ...rest, reasoning_effort: ['none', 'minimal', 'low'].includes(effort) ? 'none' : 'high' };
};

/**
 * "Tool call id … must be a-z, A-Z, 0-9, with a length of 9." Nine hexadecimal digits: two calls of one conversation never
 * share them by chance.
 */
const shortenIds = replaceIds(
  (id) => /^[a-zA-Z0-9]{9}$/.test(id),
  (hash) => hash.slice(0, 9),
);
