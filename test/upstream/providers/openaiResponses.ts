import { isObject, objectsOf, parseObject, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { checkLeastOutput } from '../limits.ts';
import type { Profile, Replay, SentTurn } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import { checkKeys, checkResponsesItem } from '../requestRules.ts';
import { commonFault } from '../schemaRules.ts';
import { inputOf, isToolOutput, itemType, partsText, readResponses } from '../responsesRead.ts';
import { envelope, failedFrame, itemsOf, openAiStyle, responseFrames } from '../responsesWrite.ts';
import { effortsOf, errorType } from './openaiChat.ts';

const fields = [
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'text',
  'store',
  'include',
  'metadata',
  'client_metadata',
  'prompt_cache_key',
  'prompt_cache_retention',
  'max_output_tokens',
  'max_tool_calls',
  'temperature',
  'top_p',
  'truncation',
  'user',
  'safety_identifier',
  'service_tier',
  'previous_response_id',
  'background',
  'conversation',
  'top_logprobs',
];
const toolTypes = [
  'function',
  'custom',
  'namespace',
  'web_search',
  'web_search_preview',
  'tool_search',
  'file_search',
  'code_interpreter',
  'image_generation',
  'local_shell',
  'mcp',
];
const idPrefixes: Record<string, string> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
};
const itemTypes = [
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'additional_tools',
  'web_search_call',
  'tool_search_call',
  'tool_search_output',
  'item_reference',
  'compaction',
];

export const openAiResponses: Profile = {
  path: '/responses',
  check,
  read: readResponses,
  replays: responsesReplays,
  callId: ({ serial }) => `call_${String(serial).padStart(24, '0')}`,
  proof: () => undefined,
  errorBody: (refusal) => ({
    error: { message: refusal.message, type: errorType(refusal.status), param: null, code: refusal.code ?? null },
  }),
  frames: (reply) => responseFrames(reply),
  errorFrame: (refusal) => failedFrame(refusal.message),
  replyBody: (reply) => envelope(reply, 'completed', itemsOf(reply)),
};

function check(body: JsonObject, sent: readonly SentTurn[]): void {
  for (const field of Object.keys(body)) {
    if (!fields.includes(field)) throw new Refusal(`Unknown parameter: '${field}'.`, 400, 'unknown_parameter');
  }
  if (stringOf(body['model']) === '')
    throw new Refusal("Missing required parameter: 'model'.", 400, 'missing_required_parameter');
  if (typeof body['input'] !== 'string' && !Array.isArray(body['input'])) {
    throw new Refusal("Missing required parameter: 'input'.", 400, 'missing_required_parameter');
  }
  checkKeys(body);
  checkLeastOutput(body);
  checkModel(body);
  for (const [index, item] of inputOf(body).entries()) checkItem(item, index);
  for (const [index, tool] of objectsOf(body['tools']).entries()) checkTool(tool, `tools[${index}]`);
  checkPairs(inputOf(body));
  checkReasoning(body, sent);
}

/** What each generation of models refuses: opencode#4451, draive#399 and pydantic-ai#3326, 9router#560. */
function checkModel(body: JsonObject): void {
  const model = stringOf(body['model']);
  if (!/^(o\d|gpt-|chatgpt)/.test(model)) return;
  const efforts = effortsOf(model);
  const { reasoning, include } = body;
  const effort = isObject(reasoning) ? reasoning['effort'] : undefined;
  if (efforts === undefined) {
    if (Array.isArray(include) && include.includes('reasoning.encrypted_content'))
      throw new Refusal('Encrypted content is not supported with this model.');
    if (effort !== undefined) {
      throw new Refusal(
        "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
        400,
        'unsupported_parameter',
      );
    }
    return;
  }
  if (effort !== undefined && effort !== null && !efforts.includes(stringOf(effort))) {
    throw new Refusal(
      `Unsupported value: '${String(effort)}' is not supported with the '${model}' model. Supported values are: ${efforts.map((each) => `'${each}'`).join(', ')}.`,
      400,
      'unsupported_value',
    );
  }
  for (const name of ['temperature', 'top_p']) {
    if (name in body && body[name] !== 1) {
      throw new Refusal(
        `Unsupported parameter: '${name}' is not supported with this model.`,
        400,
        'unsupported_parameter',
      );
    }
  }
}

function checkItem(item: JsonObject, index: number): void {
  const type = itemType(item);
  if (!itemTypes.includes(type)) throw new Refusal(`Invalid value: '${type}'.`, 400, 'invalid_value');
  const prefix = idPrefixes[type];
  if (prefix !== undefined && typeof item['id'] === 'string' && !item['id'].startsWith(prefix)) {
    throw new Refusal(
      `Invalid 'input[${index}].id': '${item['id']}'. Expected an ID that begins with '${prefix}'.`,
      400,
      'invalid_value',
    );
  }
  checkResponsesItem(item, index);
  if (type === 'message') checkMessage(item, index);
  if (type === 'function_call' && parseObject(stringOf(item['arguments'])) === undefined) {
    throw new Refusal(`Invalid 'input[${index}].arguments': expected a JSON object.`, 400, 'invalid_value');
  }
}

function checkMessage(item: JsonObject, index: number): void {
  const role = stringOf(item['role']);
  if (!['developer', 'system', 'user', 'assistant'].includes(role))
    throw new Refusal(`Invalid value: '${role}'.`, 400, 'invalid_value');
  if (typeof item['content'] === 'string') return;
  const allowed = role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file'];
  for (const part of objectsOf(item['content'])) {
    if (!allowed.includes(stringOf(part['type']))) {
      const supported = allowed.map((each) => `'${each}'`).join(', ');
      throw new Refusal(
        `Invalid value: '${stringOf(part['type'])}'. Supported values are: ${supported}. (input[${index}].content)`,
        400,
        'invalid_value',
      );
    }
  }
}

function checkTool(tool: JsonObject, where: string): void {
  const type = stringOf(tool['type']);
  if (!toolTypes.includes(type)) throw new Refusal(`Invalid value: '${type}'. (${where}.type)`, 400, 'invalid_value');
  if ('function' in tool)
    throw new Refusal(`Missing required parameter: '${where}.name'.`, 400, 'missing_required_parameter');
  if (['function', 'custom', 'namespace'].includes(type) && !/^[a-zA-Z0-9_-]{1,64}$/.test(stringOf(tool['name']))) {
    throw new Refusal(`Invalid '${where}.name': string does not match pattern.`, 400, 'invalid_value');
  }
  const fault = type === 'function' ? commonFault(tool['parameters']) : undefined;
  if (fault !== undefined) {
    throw new Refusal(
      `Invalid schema for function '${stringOf(tool['name'])}': ${fault}`,
      400,
      'invalid_function_parameters',
    );
  }
  if (type === 'namespace')
    objectsOf(tool['tools']).forEach((inner, index) => checkTool(inner, `${where}.tools[${index}]`));
}

function checkPairs(input: JsonObject[]): void {
  const calls = new Map<string, string>();
  for (const item of input) {
    const type = itemType(item);
    const id = stringOf(item['call_id']);
    if (type === 'function_call' || type === 'custom_tool_call') calls.set(id, type);
    if (!isToolOutput(item) || type === 'tool_search_output') continue;
    const kind = type === 'custom_tool_call_output' ? 'custom tool call' : 'function call';
    if (calls.get(id) !== type.replace(/_output$/, ''))
      throw new Refusal(`No tool call found for ${kind} output with call_id ${id}.`);
    calls.delete(id);
  }
  const [unanswered] = calls.keys();
  if (unanswered !== undefined) throw new Refusal(`No tool output found for function call ${unanswered}.`);
}

// With `store: false` nothing is kept, so a reasoning item must carry encrypted content from this server.
function checkReasoning(body: JsonObject, sent: readonly SentTurn[]): void {
  for (const item of inputOf(body)) {
    if (itemType(item) !== 'reasoning') continue;
    const blob = item['encrypted_content'];
    if (typeof blob !== 'string') {
      if (body['store'] === false) {
        throw new Refusal(
          `Item with id '${stringOf(item['id'])}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
        );
      }
      continue;
    }
    if (!sent.some((each) => openAiStyle.blob(each.turn.reasoning) === blob)) {
      throw new Refusal(
        `The encrypted content for item ${stringOf(item['id'])} could not be verified.`,
        400,
        'invalid_encrypted_content',
      );
    }
  }
}

/** Attributes each reasoning item to the turn whose calls or text follow it. */
export function responsesReplays(body: JsonObject, sent: readonly SentTurn[]): Replay[] {
  const result: Replay[] = [];
  let received: string | undefined;
  let last: SentTurn | undefined;
  for (const [index, item] of inputOf(body).entries()) {
    if (itemType(item) === 'reasoning') {
      received = partsText(item['content']) || partsText(item['summary']);
      continue;
    }
    const origin = originOf(item, sent);
    if (origin !== undefined && origin !== last) {
      result.push({ index, sent: origin.turn.reasoning, received, verbatim: received === origin.turn.reasoning });
    }
    if (origin === undefined && !isToolOutput(item)) received = undefined;
    if (origin !== undefined) received = undefined;
    last = origin;
  }
  return result;
}

function originOf(item: JsonObject, sent: readonly SentTurn[]): SentTurn | undefined {
  if (typeof item['call_id'] === 'string' && !isToolOutput(item)) {
    const id = item['call_id'];
    return sent.findLast((each) => each.callIds.includes(id));
  }
  if (itemType(item) !== 'message' || item['role'] !== 'assistant') return undefined;
  const text = partsText(item['content']);
  return sent.findLast((each) => each.turn.text !== '' && each.turn.text === text);
}
