import { isObject, objectsOf, parseObject, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { checkLeastOutput } from '../limits.ts';
import type { Profile, SentTurn } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import { inputOf, isToolOutput, itemType, readResponses } from '../responsesRead.ts';
import { envelope, itemsOf, responseFrames } from '../responsesWrite.ts';
import type { ResponsesStyle } from '../responsesWrite.ts';
import { responsesReplays } from './openaiResponses.ts';
import { checkXaiEffort, xaiErrorBody } from './xaiChat.ts';

// bifrost#5428. Neither `custom` nor `namespace`, nor Codex's other tool types.
const toolTypes = [
  'function',
  'web_search',
  'x_search',
  'image_generation',
  'collections_search',
  'file_search',
  'code_execution',
  'code_interpreter',
  'mcp',
  'shell',
];
// docs.x.ai, "Create new response", without what is there "only for compatibility".
const fields = [
  'model', 'input', 'instructions', 'stream', 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning', 'text', 'store',
  'include', 'prompt_cache_key', 'previous_response_id', 'max_output_tokens', 'max_turns', 'temperature', 'top_p', 'user',
  'logprobs', 'top_logprobs', 'search_parameters',
]; // prettier-ignore
const itemTypes = ['message', 'reasoning', 'function_call', 'function_call_output', 'web_search_call', 'compaction'];
const unreadable = 'Failed to deserialize the JSON body into the target type';
const changed = 'Could not decode the compaction blob. Ensure it is unmodified from the compact response.';
const foreign =
  'Could not decrypt the provided encrypted_content. Ensure the value is the unmodified encrypted_content from a previous response.';

// vercel/ai, packages/xai/src/responses: a summary and a blob, no content; a call in one piece.
const style: ResponsesStyle = {
  blob: (reasoning) => Buffer.from(`xai ${reasoning}`).toString('base64'),
  reasoningText: false,
  wholeArguments: true,
};

export const xaiResponses: Profile = {
  path: '/responses',
  check,
  read: readResponses,
  replays: responsesReplays,
  callId: ({ serial }) => `call_${String(serial).padStart(8, '0')}`,
  proof: (turn) => style.blob(turn.reasoning),
  errorBody: xaiErrorBody,
  frames: (reply) => responseFrames(reply, style),
  errorFrame: (refusal) => ({
    text: `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: 1, code: 'internal', message: refusal.message, param: null })}\n\n`,
    content: false,
  }),
  replyBody: (reply) => envelope(reply, 'completed', itemsOf(reply, style)),
};

function check(body: JsonObject, sent: readonly SentTurn[]): void {
  for (const name of Object.keys(body))
    if (!fields.includes(name)) throw new Refusal(`Argument not supported: ${name}`);
  checkLeastOutput(body);
  if (stringOf(body['model']) === '') throw new Refusal(`${unreadable}: missing field \`model\``, 422);
  if (typeof body['input'] !== 'string' && !Array.isArray(body['input']))
    throw new Refusal(`${unreadable}: data did not match any variant of untagged enum ModelInput`, 422);
  // vibecad#4.
  if ('instructions' in body && typeof body['previous_response_id'] === 'string')
    throw new Refusal('Argument not supported: instructions and previous_response_id together');
  for (const tool of objectsOf(body['tools'])) checkTool(tool);
  const { reasoning } = body;
  checkXaiEffort(stringOf(body['model']), isObject(reasoning) ? reasoning['effort'] : undefined);
  for (const item of inputOf(body)) checkItem(item, sent);
  checkPairs(inputOf(body));
}

function checkTool(tool: JsonObject): void {
  const type = stringOf(tool['type']);
  if (!toolTypes.includes(type)) {
    const expected = toolTypes.map((each) => `\`${each}\``).join(', ');
    throw new Refusal(`${unreadable}: unknown variant \`${type}\`, expected one of ${expected}`, 422);
  }
  // CodexHub#517, opencodex#2240.
  if ('external_web_access' in tool) throw new Refusal('Argument not supported: external_web_access');
  if (type !== 'function') return;
  const name = stringOf(tool['name']);
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) throw new Refusal(`${unreadable}: tools: invalid function name`, 422);
  checkSchema(name, tool['parameters']);
}

// cc-switch#6815 and #7241.
function checkSchema(name: string, schema: unknown): void {
  const parameters = isObject(schema) ? schema : {};
  const union = [...objectsOf(parameters['anyOf']), ...objectsOf(parameters['oneOf'])];
  if (parameters['type'] !== 'object' || union.some((branch) => branch['type'] !== 'object')) {
    throw new Refusal(
      `Failed to start sampling: [invalid_client_tool_schema] ${name}: tool parameter root must be an object type (root schema is an anyOf/oneOf union with a non-object branch)`,
    );
  }
  for (const [, pointer = '', key = ''] of JSON.stringify(parameters).matchAll(/"\$ref":"(#\/([^/"]+)\/[^"]*)"/g)) {
    if (!(key in parameters)) {
      throw new Refusal(
        `Invalid request content: Schema validation failed: [standard_violation] unresolvable $ref '${pointer}': key '${key}' not found in schema`,
      );
    }
  }
}

function checkItem(item: JsonObject, sent: readonly SentTurn[]): void {
  const type = itemType(item);
  if (!itemTypes.includes(type))
    throw new Refusal(`${unreadable}: data did not match any variant of untagged enum ModelInput`, 422);
  if (type === 'function_call' && parseObject(stringOf(item['arguments'])) === undefined)
    throw new Refusal('Invalid request content: function call arguments must be a JSON object');
  if (type === 'reasoning') checkReasoning(item, sent);
}

/**
 * opencodex#2237, sub2api#4237: `content: null` is a 400 that mentions a compaction blob, or a 422 without a blob beside
 * it; an empty list is accepted. A missing `summary` gets the same error (grok2api#689), and a blob that is not xAI's own
 * another one (sub2api#4535). A missing blob is refused, too (opencodex#2237, "encrypted_content removed").
 */
function checkReasoning(item: JsonObject, sent: readonly SentTurn[]): void {
  const blob = item['encrypted_content'];
  if (typeof blob !== 'string')
    throw new Refusal(`${unreadable}: data did not match any variant of untagged enum ModelInput`, 422);
  if (!Array.isArray(item['summary']) || ('content' in item && !Array.isArray(item['content'])))
    throw new Refusal(changed);
  if (!sent.some(({ proof }) => proof === blob)) throw new Refusal(foreign);
}

function checkPairs(input: JsonObject[]): void {
  const open = new Set<string>();
  for (const item of input) {
    const id = stringOf(item['call_id']);
    if (itemType(item) === 'function_call') open.add(id);
    if (isToolOutput(item) && !open.delete(id)) throw new Refusal(`Tool output without a call: ${id}`);
  }
  if (open.size > 0) throw new Refusal(`Tool call without an output: ${[...open].join(', ')}`);
}
