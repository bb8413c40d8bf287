import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { askForTheRest, objectsIn, thinkingIsOff, without, type BodyChange, type BodyEdit } from './bodyEdits.ts';
import { cite } from './cite.ts';
import { dropIdleThinking } from './messagesLimits.ts';
import { clampTemperature } from './samplingEdits.ts';

// Edits for what Anthropic's models refuse on every wire.

/** 4.7 for claude-opus-4-7; undefined for a name that says no version. */
export function versionOf(model: string): number | undefined {
  const found = /claude-(?:[a-z]+-)*(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/.exec(model);
  return found ? Number(found[1]) + Number(found[2] ?? 0) / 10 : undefined;
}

/** For Claude on Chat Completions, where the host translates. */
export function fitClaudeChat(model: string): BodyEdit[] {
  const version = versionOf(model) ?? 0;
  const fixed =
    version >= 5
      ? [
          cite('providers.md, "Anthropic"', {
            change: '`temperature`, `top_p` and `top_k` are left out.',
            edit: (body: JsonObject) => without(body, 'temperature', 'top_p', 'top_k'),
          }),
        ]
      : [cite('docs.claude.com, "OpenAI SDK compatibility": the range is 0 to 1', clampTemperature(1))];
  return [...fixed, ...oneSampling(model), ...endTurns(model)];
}

const oneOfBoth: BodyChange = {
  change: 'Beside `temperature`, `top_p` is left out.',
  edit: (body) => (typeof body['temperature'] === 'number' ? without(body, 'top_p') : body),
};

/** Older ones take both, newer ones neither. */
export function oneSampling(model: string): BodyEdit[] {
  const version = versionOf(model);
  if (version === undefined || version < 4 || version >= 5) return [];
  return [cite('"`temperature` and `top_p` cannot both be specified for this model." (Anthropic)', oneOfBoth)];
}

/** How a conversation that ends with the assistant goes on. */
export function endTurns(model: string): BodyEdit[] {
  const version = versionOf(model);
  if (version === undefined) return [];
  if (version >= 4.6) return [cite('"must end with a user message" (opencode#25725, copilot-api#261)', endWithUser)];
  return [
    cite(
      '"When `thinking` is enabled, a final `assistant` message must start with a thinking block" (Anthropic)',
      fitPrefill,
    ),
    cite(
      '"When thinking is disabled, an `assistant` message in the final position cannot contain `thinking`." (forgecode#1853)',
      dropIdleThinking,
    ),
  ];
}

/** An answer that was begun with empty text does not count. Calls without results are another mistake than this one. */
const endWithUser: BodyChange = {
  change:
    'The model can’t continue an answer that the client began: a user message asks for the rest, and an empty one is left out.',
  edit: (body) => {
    const { messages } = body;
    const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
    if (!Array.isArray(messages) || !isObject(last) || last['role'] !== 'assistant' || hasCalls(last)) return body;
    if (!isBlank(last['content'])) return askForTheRest.edit(body);
    return messages.length > 1 ? endWithUser.edit({ ...body, messages: messages.slice(0, -1) as unknown[] }) : body;
  },
};

const fitPrefill: BodyChange = {
  change:
    'While the model thinks, it can’t continue an answer that the client began: a user message asks for the rest.',
  edit: (body) => (isObject(body['thinking']) && !thinkingIsOff(body) ? endWithUser.edit(body) : body),
};

function hasCalls(message: JsonObject): boolean {
  return (
    objectsIn(message['tool_calls']).length > 0 || objectsIn(message['content']).some(({ type }) => type === 'tool_use')
  );
}

function isBlank(content: unknown): boolean {
  if (typeof content === 'string') return content.trim() === '';
  const parts = objectsIn(content);
  return parts.every(
    ({ type, text }) => String(type).endsWith('thinking') || (type === 'text' && String(text).trim() === ''),
  );
}
