import { isObject, objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { blocksOf, messagesReplays, ofType, readMessages } from '../messagesRead.ts';
import { checkClaude } from '../limits.ts';
import type { Frame, Profile, Reply, SentTurn } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import { checkMessagesRequest } from '../requestRules.ts';
import { draftFault, propertyKeyFault, referenceFault } from '../schemaRules.ts';

// Texts as in anthropics/claude-code#2697, #1237, aliasrobotics/cai#182, langchain4j#6244, anthropic-sdk-typescript#653 and
// reference/providers.md, "Anthropic".

const fields = [
  'model', 'messages', 'system', 'max_tokens', 'metadata', 'stop_sequences', 'stream', 'temperature', 'top_k', 'top_p',
  'thinking', 'tools', 'tool_choice', 'output_config', 'cache_control', 'container', 'context_management', 'service_tier',
]; // prettier-ignore
const userBlocks = ['text', 'image', 'document', 'search_result', 'tool_result'];
const assistantBlocks = [
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'web_search_tool_result',
];

/** Models up to claude-…-4-5 think with a budget, from 4-7 on adaptively, and those between accept both. */
export const anthropic: Profile = {
  path: '/messages',
  keyHeader: 'x-api-key',
  check,
  read: readMessages,
  replays: messagesReplays,
  callId: ({ serial }) => `toolu_${String(serial).padStart(24, '0')}`,
  proof: (turn) => sign(turn.reasoning),
  errorBody: ({ message, code, status }) => ({
    type: 'error',
    error: { type: code ?? errorType(status), message },
    request_id: 'req_1',
  }),
  frames,
  errorFrame: ({ message }) => event('error', { error: { type: 'overloaded_error', message } }),
  replyBody: (reply) => ({
    ...head(reply),
    content: contentOf(reply),
    stop_reason: stopReason(reply),
    usage: { ...usageStart(reply), output_tokens: reply.usage.completion },
  }),
};

function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'api_error' : 'invalid_request_error';
}

function sign(reasoning: string): string {
  return `sig${Buffer.from(reasoning).toString('base64')}`;
}

function version(body: JsonObject): number {
  const [, major = '9', minor = '0'] = /claude-[a-z]+-(\d+)-(\d+)/.exec(stringOf(body['model'])) ?? [];
  return Number(major) + Number(minor) / 10;
}

function thinks({ thinking }: JsonObject): boolean {
  return isObject(thinking) && thinking['type'] !== 'disabled';
}

function check(body: JsonObject, sent: readonly SentTurn[]): void {
  for (const field of Object.keys(body))
    if (!fields.includes(field)) throw new Refusal(`${field}: Extra inputs are not permitted`);
  if (stringOf(body['model']) === '') throw new Refusal('model: Field required');
  if (typeof body['max_tokens'] !== 'number') throw new Refusal('max_tokens: Field required');
  if (!Array.isArray(body['messages'])) throw new Refusal('messages: Field required');
  const messages = objectsOf(body['messages']);
  if (messages.length === 0) throw new Refusal('messages: at least one message is required');
  checkTurns(messages);
  checkMessagesRequest(body);
  for (const [index, message] of messages.entries()) checkBlocks(message, `messages.${index}`);
  for (const block of blocksOf(body['system'])) checkText(block, 'system');
  checkCalls(messages);
  checkTools(body, messages);
  checkClaude(body, version(body));
  checkThinkingMode(body);
  checkThinkingBlocks(messages, sent);
  if (thinks(body) && version(body) < 4.6) checkLastTurn(messages);
  checkCacheMarks(body);
}

/** `system` in mid-conversation holds text only and is not a turn. */
function checkTurns(messages: JsonObject[]): void {
  let last: unknown;
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      throw new Refusal(`messages.${index}.role: Input should be 'user' or 'assistant'`);
    if (role === 'system') {
      if (index === 0 || !blocksOf(content).every((block) => block['type'] === 'text'))
        throw new Refusal(`messages.${index}: a system message holds text, and comes after a user's`);
      continue;
    }
    if (last === undefined && role !== 'user') throw new Refusal('messages: first message must use the "user" role');
    if (role === last)
      throw new Refusal(
        `messages: roles must alternate between "user" and "assistant", but found multiple "${role}" roles in a row`,
      );
    last = role;
  }
  const text = blocksOf(messages.at(-1)?.['content']).at(-1);
  if (last === 'assistant' && /\s$/.test(stringOf(text?.['text'])))
    throw new Refusal('messages: final assistant content cannot end with trailing whitespace');
}

function checkBlocks(message: JsonObject, where: string): void {
  const blocks = blocksOf(message['content']);
  if (blocks.length === 0) throw new Refusal(`${where}: all messages must have non-empty content`);
  const allowed = message['role'] === 'assistant' ? assistantBlocks : userBlocks;
  for (const [index, block] of blocks.entries()) {
    const place = `${where}.content.${index}`;
    if (!allowed.includes(stringOf(block['type'])))
      throw new Refusal(
        `${place}: Input tag '${stringOf(block['type'])}' found using 'type' does not match any of the expected tags`,
      );
    checkText(block, place);
    if (block['type'] === 'image' || block['type'] === 'document') checkSource(block, place);
    if (block['type'] === 'tool_result') checkResult(block, place);
  }
}

function checkText(block: JsonObject, place: string): void {
  if (block['type'] === 'text' && stringOf(block['text']).trim() === '')
    throw new Refusal(`${place}: text content blocks must be non-empty`);
}

function checkSource(block: JsonObject, place: string): void {
  const source = isObject(block['source']) ? block['source'] : {};
  const needed: Record<string, string[]> = {
    base64: ['media_type', 'data'],
    url: ['url'],
    text: ['media_type', 'data'],
  };
  const names = needed[stringOf(source['type'])];
  if (!names?.every((name) => stringOf(source[name]) !== '')) throw new Refusal(`${place}.source: Field required`);
  if (source['type'] === 'base64' && !/^[A-Za-z0-9+/]+=*$/.test(stringOf(source['data'])))
    throw new Refusal(`${place}.source.base64: invalid base64 data`);
}

function checkResult(block: JsonObject, place: string): void {
  for (const inner of objectsOf(block['content'])) {
    checkText(inner, place);
    if (block['is_error'] === true && inner['type'] !== 'text')
      throw new Refusal(`${place}: all content must be type \`text\` if \`is_error\` is true`);
  }
}

function checkCalls(messages: JsonObject[]): void {
  const seen = new Set<string>();
  const turns = messages.filter(({ role }) => role !== 'system');
  for (const [index, message] of turns.entries()) {
    const calls = ofType(message, 'tool_use');
    for (const call of calls) {
      const id = stringOf(call['id']);
      if (!/^[a-zA-Z0-9_-]+$/.test(id))
        throw new Refusal(`messages.${index}.content: tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
      if (seen.has(id)) throw new Refusal(`messages.${index}: \`tool_use\` ids must be unique`);
      seen.add(id);
      if (!isObject(call['input']))
        throw new Refusal(`messages.${index}.content: tool_use.input: Input should be a valid dictionary`);
    }
    const before = message['role'] === 'user' ? ofType(turns[index - 1] ?? {}, 'tool_use') : [];
    checkAnswers(blocksOf(message['content']), before, index);
    if (calls.length > 0 && index === turns.length - 1) throw unanswered(calls, index);
  }
}

/** Results come first: exactly one for each call of the previous message. */
function checkAnswers(blocks: JsonObject[], calls: JsonObject[], index: number): void {
  const open = new Set(calls.map(({ id }) => id));
  const results = blocks.filter(({ type }) => type === 'tool_result');
  for (const { tool_use_id: id } of results)
    if (!open.delete(id))
      throw new Refusal(
        `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(id)}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
  const inFront = blocks.slice(0, calls.length).every(({ type }) => type === 'tool_result');
  if (open.size > 0 || !inFront) throw unanswered(calls, index);
}

function unanswered(calls: JsonObject[], index: number): Refusal {
  const ids = calls.map(({ id }) => String(id)).join(', ');
  return new Refusal(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

function checkTools(body: JsonObject, messages: JsonObject[]): void {
  const tools = objectsOf(body['tools']);
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    const name = stringOf(tool['name']);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name))
      throw new Refusal(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    if (names.has(name)) throw new Refusal('tools: Tool names must be unique.');
    names.add(name);
    if (tool['type'] !== undefined && tool['type'] !== 'custom') continue;
    if (!isObject(tool['input_schema']) || tool['input_schema']['type'] !== 'object')
      throw new Refusal(`tools.${index}.custom.input_schema.type: Field required`);
    checkSchema(tool['input_schema'], `tools.${index}.custom.input_schema`);
  }
  const called = messages.some((message) => ofType(message, 'tool_use').length > 0);
  if (called && tools.length === 0)
    throw new Refusal('Requests which include `tool_use` or `tool_result` blocks must define tools');
  if (body['tool_choice'] !== undefined && tools.length === 0)
    throw new Refusal('tool_choice may only be specified while providing tools');
}

/** codebase-memory-mcp#1524, claude-code#79418, opencode#2082. */
function checkSchema(schema: JsonObject, place: string): void {
  if (['oneOf', 'allOf', 'anyOf'].some((key) => key in schema))
    throw new Refusal(`${place}: input_schema does not support oneOf, allOf, or anyOf at the top level`);
  if (propertyKeyFault(schema))
    throw new Refusal(`${place}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'`);
  if (draftFault(schema) !== undefined || referenceFault(schema) !== undefined)
    throw new Refusal(
      `${place}: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12).`,
    );
}

function checkThinkingMode(body: JsonObject): void {
  const { thinking, max_tokens: maxTokens, tool_choice: choice } = body;
  const effort = isObject(body['output_config']) ? body['output_config']['effort'] : undefined;
  if (effort !== undefined && !['low', 'medium', 'high', 'xhigh', 'max'].includes(stringOf(effort)))
    throw new Refusal("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'");
  if (effort !== undefined && version(body) < 4.5)
    throw new Refusal('This model does not support the effort parameter.');
  const sampled = ['temperature', 'top_p', 'top_k'].find((name) => body[name] !== undefined);
  if (version(body) >= 5 && sampled !== undefined) throw new Refusal(`\`${sampled}\` is not supported for this model.`);
  if (!isObject(thinking) || !thinks(body)) return;
  if (thinking['type'] === 'enabled') {
    if (version(body) >= 4.7)
      throw new Refusal(
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
      );
    const budget = Number(thinking['budget_tokens']);
    if (!(budget >= 1024))
      throw new Refusal('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
    if (budget >= Number(maxTokens)) throw new Refusal('`max_tokens` must be greater than `thinking.budget_tokens`.');
  } else if (thinking['type'] !== 'adaptive' || version(body) < 4.6 || 'budget_tokens' in thinking) {
    throw new Refusal('thinking: Input should be enabled or disabled for this model');
  }
  if (body['temperature'] !== undefined && body['temperature'] !== 1)
    throw new Refusal('`temperature` may only be set to 1 when thinking is enabled.');
  if (isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool'))
    throw new Refusal('Thinking may not be enabled when tool_choice forces tool use.');
}

/** Accepts only thinking that this server signed, unchanged. Hidden thinking has an empty text, so its signature decides. */
function checkThinkingBlocks(messages: JsonObject[], sent: readonly SentTurn[]): void {
  for (const [index, message] of messages.entries()) {
    for (const block of ofType(message, 'thinking')) {
      const origin = sent.find(({ proof }) => proof === block['signature']);
      const text = stringOf(block['thinking']);
      if (!origin || (text !== '' && text !== origin.turn.reasoning))
        throw new Refusal(`messages.${index}.content.0: Invalid \`signature\` in \`thinking\` block`);
    }
  }
}

function checkLastTurn(messages: JsonObject[]): void {
  const asked = messages.findLastIndex(
    (message) => message['role'] === 'user' && ofType(message, 'tool_result').length === 0,
  );
  const begun = messages.slice(asked + 1).find(({ role }) => role === 'assistant');
  if (!begun || ofType(begun, 'tool_use').length === 0) return;
  const [first] = blocksOf(begun['content']);
  if (first?.['type'] !== 'thinking' && first?.['type'] !== 'redacted_thinking')
    throw new Refusal(
      `Expected \`thinking\` or \`redacted_thinking\`, but found \`${stringOf(first?.['type'])}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block`,
    );
}

function checkCacheMarks(body: JsonObject): void {
  const marks = JSON.stringify(body).split('"cache_control":').length - 1;
  if (marks > 4) throw new Refusal(`A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`);
}

function event(type: string, payload: JsonObject, content = false): Frame {
  return { text: `event: ${type}\ndata: ${JSON.stringify({ type, ...payload })}\n\n`, content };
}

function head(reply: Reply): JsonObject {
  return { id: `msg_${reply.id}`, type: 'message', role: 'assistant', model: reply.model, stop_sequence: null };
}

/** `input_tokens` excludes cached tokens. */
function usageStart({ usage }: Reply): JsonObject {
  const { prompt, cached } = usage;
  return {
    input_tokens: prompt - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: 1,
  };
}

function stopReason({ turn }: Reply): string {
  return turn.calls.length > 0 ? 'tool_use' : 'end_turn';
}

function contentOf({ turn, callIds, body }: Reply): JsonObject[] {
  const { thinking } = body;
  const hidden = isObject(thinking) && thinking['display'] === 'omitted';
  const signature = sign(turn.reasoning);
  return [
    ...(turn.reasoning !== '' && thinks(body)
      ? [{ type: 'thinking', thinking: hidden ? '' : turn.reasoning, signature }]
      : []),
    ...(turn.text === '' ? [] : [{ type: 'text', text: turn.text }]),
    ...turn.calls.map((call, index) => ({
      type: 'tool_use',
      id: callIds[index],
      name: call.tool.name,
      input: JSON.parse(call.input) as unknown,
    })),
  ];
}

function frames(reply: Reply): Frame[] {
  const blocks = contentOf(reply);
  return [
    event('message_start', { message: { ...head(reply), content: [], stop_reason: null, usage: usageStart(reply) } }),
    event('ping', {}),
    ...blocks.flatMap((block, index) => blockFrames(reply, block, index)),
    event('message_delta', {
      delta: { stop_reason: stopReason(reply), stop_sequence: null },
      usage: { output_tokens: reply.usage.completion },
    }),
    event('message_stop', {}),
  ];
}

function blockFrames({ pieces }: Reply, block: JsonObject, index: number): Frame[] {
  const delta = (fieldsOf: JsonObject): Frame => event('content_block_delta', { index, delta: fieldsOf }, true);
  const start = (content: JsonObject): Frame => event('content_block_start', { index, content_block: content });
  const stop = event('content_block_stop', { index });
  switch (block['type']) {
    case 'thinking':
      return [
        start({ type: 'thinking', thinking: '', signature: '' }),
        ...pieces(stringOf(block['thinking'])).map((thinking) => delta({ type: 'thinking_delta', thinking })),
        delta({ type: 'signature_delta', signature: block['signature'] }),
        stop,
      ];
    case 'text':
      return [
        start({ type: 'text', text: '' }),
        ...pieces(stringOf(block['text'])).map((text) => delta({ type: 'text_delta', text })),
        stop,
      ];
    default:
      return [
        start({ ...block, input: {} }),
        delta({ type: 'input_json_delta', partial_json: '' }),
        ...pieces(JSON.stringify(block['input'])).map((partial_json) =>
          delta({ type: 'input_json_delta', partial_json }),
        ),
        stop,
      ];
  }
}
