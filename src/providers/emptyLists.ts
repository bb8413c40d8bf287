import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editMessages, without, type BodyChange } from './bodyEdits.ts';

/** Lists of the request that mean nothing when they are empty. */
const lists = ['tools', 'functions', 'stop', 'stop_sequences'];

/** What is refused without tools: "'tool_choice' is only allowed when 'tools' are specified" (OpenAI). */
const ofTools = ['tool_choice', 'parallel_tool_calls', 'function_call'];

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Clients of all wires write lists that they have nothing for. */
export const dropEmptyLists: BodyChange = {
  change:
    'Empty lists of tools, stop sequences and calls are left out, and so is `tool_choice` where no tool is declared.',
  edit: (body) => dropEmptyCalls(withoutLists(body)),
};

function withoutLists(body: JsonObject): JsonObject {
  const empty = lists.filter((name) => isEmptyList(body[name]));
  const kept = empty.length > 0 ? without(body, ...empty) : body;
  const declares = 'tools' in kept || 'functions' in kept || declaresElsewhere(kept);
  return declares ? kept : without(kept, ...ofTools);
}

/** What is stored at a provider, or run by a server that a request names, may have tools of its own. */
const mayDeclare = ['previous_response_id', 'conversation', 'prompt', 'mcp_servers'];

/** Codex declares the tools of some models in an item. */
function declaresElsewhere(body: JsonObject): boolean {
  if (mayDeclare.some((name) => body[name] && !isEmptyList(body[name]))) return true;
  const { input } = body;
  return Array.isArray(input) && input.some((item) => isObject(item) && item['type'] === 'additional_tools');
}

const dropEmptyCalls = editMessages((message) =>
  isEmptyList(message['tool_calls']) ? without(message, 'tool_calls') : message,
);
