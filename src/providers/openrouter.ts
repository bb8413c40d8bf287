import type { JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import { developerToSystem, isObject, without, type BodyEdit } from './bodyEdits.ts';
import { capCallIds } from './callIds.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** Publisher and name in package.json, which make the extension's id in the Marketplace; a test compares them. */
export const extension = { publisher: 'ccr', name: 'ccr-vscode' } as const;

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;

/** The format in which MiniMax's own API marks its details, which OpenRouter does not know. */
const foreignFormat = /^minimax-/i;

/**
 * Attribution, and `reasoning_details` merged as they came (test/fixtures/providers/openrouter-reasoning-details.sse):
 * a signature that is lost makes the next turn fail (agno#5802).
 */
export const openrouter: ProviderQuirk = {
  name: 'openrouter',
  hosts: ['openrouter.ai'],
  headers: {
    'HTTP-Referer': `https://marketplace.visualstudio.com/items?itemName=${extension.publisher}.${extension.name}`,
    'X-Title': extension.name,
    'X-OpenRouter-Title': extension.name,
  },
  wires: {
    'openai-chat': ({ options }) => ({
      replay: 'details',
      details: {
        isOwn: ({ format }) => typeof format !== 'string' || !foreignFormat.test(format),
        // docs: "Preserving reasoning": `reasoning` is the plain form of `reasoning_details`.
        fromText: (text) => ({ reasoning: text }),
      },
      edits: [developerToSystem, capCallIds, nameEffort, addOptions(options)],
    }),
    'openai-responses': ({ options }) => ({ edits: [addOptions(options)] }),
    // docs: it takes the key as a bearer token on every surface.
    'anthropic-messages': ({ options }) => ({
      keyHeader: 'authorization',
      edits: [...plainMessages, addOptions(options)],
    }),
  },
};

/** `reasoning: {effort}` is its own form of `reasoning_effort`; what the client said in that form wins. */
const nameEffort: BodyEdit = (body) => {
  const effort = body['reasoning_effort'];
  if (!isEffort(effort)) return body;
  const given = isObject(body['reasoning']) ? body['reasoning'] : {};
  return { ...without(body, 'reasoning_effort'), reasoning: { effort: nearestEffort(effort, efforts), ...given } };
};

/** `["openrouter", { "provider": { "only": [...] } }]`: parameters for every request, as in claude-code-router's files. */
function addOptions(options: JsonObject): BodyEdit {
  return (body) => (Object.keys(options).length === 0 ? body : { ...options, ...body });
}
