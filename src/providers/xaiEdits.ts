// What xAI's Responses surface refuses of what Codex and OpenAI's SDKs send.

import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editList, objectsIn, without, type BodyChange } from './bodyEdits.ts';

/** Only what it sent itself comes back: a summary and its blob. */
export const bareReasoning: BodyChange = {
  change: 'A reasoning item goes back without `content`, and with a `summary`, if an empty one.',
  edit: (body) =>
    editList(body, 'input', (item) =>
      item['type'] === 'reasoning' && ('content' in item || !Array.isArray(item['summary']))
        ? { summary: [], ...without(item, 'content', ...(Array.isArray(item['summary']) ? [] : ['summary'])) }
        : item,
    ),
};

/** Codex declares tools in the conversation where its catalog says so (`use_responses_lite`). */
export const liftTools: BodyChange = {
  change: 'Tools that are declared in an item of the conversation are declared at the top.',
  edit: (body) => {
    const input: unknown = body['input'];
    const isDeclaration = (item: unknown): item is JsonObject => isObject(item) && item['type'] === 'additional_tools';
    if (!Array.isArray(input) || !input.some(isDeclaration)) return body;
    const lifted = input.filter(isDeclaration).flatMap((item) => objectsIn(item['tools']));
    const names = new Set(lifted.map(({ name }) => name));
    // A later declaration of the same name counts.
    const before = objectsIn(body['tools']).filter(({ name }) => name === undefined || !names.has(name));
    const rest = input.filter((item: unknown) => !isDeclaration(item));
    return { ...body, input: rest, tools: [...before, ...lifted] };
  },
};

const toolTypes = [
  'function', 'web_search', 'x_search', 'image_generation', 'collections_search', 'file_search', 'code_execution',
  'code_interpreter', 'mcp', 'shell',
]; // prettier-ignore

/** A search that may not leave OpenAI's cache must not become one that does. */
export const ownTools: BodyChange = {
  change:
    'Tools of a type that it lacks are left out; so is `external_web_access`, and where that is false, the search itself.',
  edit: (body) => {
    const tools = objectsIn(body['tools']);
    const kept = tools
      .filter((tool) => toolTypes.includes(String(tool['type'])) && tool['external_web_access'] !== false)
      .map((tool) => without(tool, 'external_web_access'));
    if (kept.length === tools.length && kept.every((tool, index) => tool === tools[index])) return body;
    const choice = body['tool_choice'];
    const lost = isObject(choice) && !kept.some(({ type }) => type === choice['type']);
    const rest = without(body, 'tools', ...(lost || kept.length === 0 ? ['tool_choice'] : []));
    return kept.length === 0 ? rest : { ...rest, tools: kept };
  },
};

export const moveInstructions: BodyChange = {
  change: 'Beside `previous_response_id`, `instructions` become a system message.',
  edit: (body) => {
    const { instructions, previous_response_id: previous, input } = body;
    if (typeof instructions !== 'string' || typeof previous !== 'string') return body;
    const items: unknown[] = Array.isArray(input) ? input : [{ role: 'user', content: input }];
    const system = { type: 'message', role: 'system', content: instructions };
    return { ...without(body, 'instructions'), input: [system, ...items] };
  },
};
