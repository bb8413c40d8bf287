import { isObject } from '../canonical/json.ts';
import { developerToSystem, editMessages, useMaxTokens, type BodyChange } from './bodyEdits.ts';
import { cite } from './cite.ts';
import { hostnameOf } from './hosts.ts';
import type { ProviderQuirk } from './quirk.ts';

/**
 * The models of VS Code itself, such as GitHub Copilot's. No server has this address (RFC 6761 reserves the domain): the gateway
 * sends such requests to an open window, which asks its API.
 */
const vscodeModelsHost = 'vscode.localhost';
export const vscodeModelsUrl = `http://${vscodeModelsHost}/v1`;

/** Whether a provider's models are those of VS Code, which only a gateway reaches. */
export function asksWindows(baseUrl: string): boolean {
  return hostnameOf(baseUrl) === vscodeModelsHost;
}

const api = 'VS Code API, "Language Model API"';

const systemToUser: BodyChange = {
  change: 'The system prompt becomes a message of the user: VS Code gives extensions no role for it.',
  edit: editMessages((message) => (message['role'] === 'system' ? { ...message, role: 'user' } : message)),
};

const askForJson: BodyChange = {
  change: 'The format of the answer is asked for in words: the API has no field for it.',
  edit(body) {
    const { response_format: format, ...rest } = body;
    if (!isObject(format)) return body;
    const messages: unknown = body['messages'];
    const schema = isObject(format['json_schema']) ? format['json_schema']['schema'] : undefined;
    const words = schema === undefined ? '' : ` It has to fit this JSON schema: ${JSON.stringify(schema)}`;
    if (format['type'] === 'text' || !Array.isArray(messages)) return rest;
    const content = `Answer with JSON alone, without a code fence.${words}`;
    return { ...rest, messages: [...(messages as unknown[]), { role: 'user', content }] };
  },
};

export const vscodeModels: ProviderQuirk = {
  name: 'vscode-lm',
  exactName: true,
  hosts: [vscodeModelsHost],
  reasoning: { arrives: 'not: VS Code gives it to extensions of its own maker alone', source: api },
  wires: {
    'openai-chat': () => ({
      replay: { policy: 'none', source: `${api}: messages have no part for it` },
      think: { tags: 'none', source: api },
      edits: [
        cite(api, developerToSystem),
        cite(`${api}: LanguageModelChatMessageRole`, systemToUser),
        cite(api, useMaxTokens),
        cite(`${api}: LanguageModelChatRequestOptions`, askForJson),
      ],
    }),
  },
};
