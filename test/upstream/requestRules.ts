// What makers refuse of requests beyond their form, from public reports. Each provider's stand-in calls what is its own.

import { blocksOf } from './messagesRead.ts';
import { isObject, objectsOf, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';

function tooLong(name: string, most: number, length: number): Refusal {
  return new Refusal(
    `Invalid '${name}': string too long. Expected a string with maximum length ${most}, but got a string with length ${length} instead.`,
    400,
    'string_above_max_length',
  );
}

function emptyArray(name: string): Refusal {
  return new Refusal(
    `Invalid '${name}': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
    400,
    'empty_array',
  );
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** The media type of the first bytes of an image; undefined for other data, which real tests of tiny images need. */
function imageType(base64: string): string | undefined {
  const bytes = Buffer.from(base64.slice(0, 24), 'base64');
  if (bytes.subarray(1, 4).toString() === 'PNG') return 'image/png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg';
  if (bytes.subarray(0, 4).toString() === 'GIF8') return 'image/gif';
  return bytes.subarray(8, 12).toString() === 'WEBP' ? 'image/webp' : undefined;
}

/** llxprt-code#2130. */
function checkImage(type: string, data: string, place: string): void {
  if (!/^image\/(?:jpeg|png|gif|webp)$/.test(type))
    throw new Refusal(`${place}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`);
  const real = imageType(data);
  if (real !== undefined && real !== type)
    throw new Refusal(
      `${place}: The image was specified using the ${type} media type, but the image appears to be a ${real} image`,
    );
}

/** Anthropic: headroom#2939, sub2api#225, CLIProxyAPI#5321, litellm#3286, litellm#10106. */
export function checkMessagesRequest(body: JsonObject): void {
  const { metadata, stop_sequences: stops, thinking } = body;
  const id = isObject(metadata) ? metadata['user_id'] : undefined;
  if (isObject(metadata) && Object.keys(metadata).some((name) => name !== 'user_id'))
    throw new Refusal('metadata: Extra inputs are not permitted');
  if (id !== undefined && id !== null && typeof id !== 'string')
    throw new Refusal('metadata.user_id: Input should be a valid string');
  if (stringOf(id).length > 256) throw new Refusal('metadata.user_id: String should have at most 256 characters');
  if (stringOf(id).includes('@')) throw new Refusal('metadata.user_id: user_id appears to contain an email address');
  if (Array.isArray(stops) && stops.some((stop) => stringOf(stop).trim() === ''))
    throw new Refusal('stop_sequences: each stop sequence must contain non-whitespace');
  if (isEmpty(body['tools'])) throw new Refusal('tools: List should have at least 1 item after validation');
  checkMarkTimes(body);
  const messages = objectsOf(body['messages']);
  for (const [index, message] of messages.entries())
    for (const [at, block] of blocksOf(message['content']).entries())
      checkBlock(block, `messages.${index}.content.${at}`);
  const last = messages.at(-1);
  const ending = blocksOf(last?.['content']);
  if (last?.['role'] !== 'assistant') return;
  if (isThought(ending.at(-1))) throw new Refusal(`messages.${messages.length - 1}: The final block in an assistant message cannot be \`thinking\`.`); // prettier-ignore
  const thinks = isObject(thinking) && thinking['type'] !== 'disabled';
  if (!thinks && ending.some(isThought))
    throw new Refusal(
      'When thinking is disabled, an `assistant` message in the final position cannot contain `thinking`.',
    );
}

function isThought(block: JsonObject | undefined): boolean {
  return block?.['type'] === 'thinking' || block?.['type'] === 'redacted_thinking';
}

function checkBlock(block: JsonObject, place: string): void {
  const { type, source, content, is_error: failed } = block;
  if (isThought(block) && 'cache_control' in block)
    throw new Refusal(`${place}.thinking.cache_control: Extra inputs are not permitted`);
  if (type === 'image' && isObject(source) && source['type'] === 'base64')
    checkImage(stringOf(source['media_type']), stringOf(source['data']), `${place}.image.source.base64`);
  if (type !== 'tool_result') return;
  if (content === null) throw new Refusal(`${place}.tool_result.content: Input should be a valid list`);
  if (failed === true && (!content || isEmpty(content)))
    throw new Refusal(`${place}: content cannot be empty if \`is_error\` is true`);
  for (const inner of objectsOf(content)) checkBlock(inner, `${place}.tool_result.content`);
}

/** Marks in their order: tools, system, messages, each with those within it first. */
function checkMarkTimes(body: JsonObject): void {
  const marksIn = (list: unknown): JsonObject[] =>
    objectsOf(list).flatMap((item) => [...marksIn(item['content']), ...objectsOf([item['cache_control']])]);
  const marks = ['tools', 'system', 'messages'].flatMap((name) => marksIn(body[name]));
  const firstShort = marks.findIndex(({ ttl }) => ttl !== '1h');
  if (firstShort !== -1 && marks.slice(firstShort).some(({ ttl }) => ttl === '1h'))
    throw new Refusal(
      "cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
    );
}

/** OpenAI, both wires: llxprt-code#2135, claude-code-provider-proxy#11. */
export function checkKeys(body: JsonObject): void {
  for (const name of ['prompt_cache_key', 'safety_identifier', 'user'])
    if (stringOf(body[name]).length > 64) throw tooLong(name, 64, stringOf(body[name]).length);
  if (isEmpty(body['tools'])) throw emptyArray('tools');
  if (!isObject(body['metadata'])) return;
  for (const [name, value] of Object.entries(body['metadata'])) {
    if (typeof value !== 'string') throw new Refusal(`Invalid type for 'metadata.${name}': expected a string.`);
    if (value.length > 512) throw tooLong(`metadata.${name}`, 512, value.length);
  }
}

/** openai-python#2061, archestra#7375, Qwen-Agent#228, and OpenAI's own words. */
export function checkOpenAiChatRequest(body: JsonObject): void {
  checkKeys(body);
  const { stop, metadata, store } = body;
  if (Array.isArray(stop) && stop.length > 4)
    throw new Refusal(
      `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`,
    );
  if (isEmpty(stop)) throw emptyArray('stop');
  if (metadata !== undefined && store !== true)
    throw new Refusal("The 'metadata' parameter is only allowed when 'store' is enabled.");
  for (const name of ['max_tokens', 'max_completion_tokens'])
    if (typeof body[name] === 'number' && body[name] < 1)
      throw new Refusal(`Invalid '${name}': integer below minimum value. Expected a value >= 1.`);
  for (const [index, message] of objectsOf(body['messages']).entries()) {
    const { name, content } = message;
    if (name !== undefined && !/^[^\s<|\\/>]{1,64}$/.test(stringOf(name)))
      throw new Refusal(
        `Invalid 'messages[${index}].name': string does not match pattern. Expected a string that matches the pattern '^[^\\s<|\\\\/>]+$'.`,
      );
    if (isEmpty(content)) throw emptyArray(`messages[${index}].content`);
    for (const part of objectsOf(content)) checkChatPart(part, `messages[${index}].content`);
  }
}

function checkChatPart(part: JsonObject, place: string): void {
  const { file, image_url: image } = part;
  const url = isObject(image) ? stringOf(image['url']) : '';
  const [, type = '', data = ''] = /^data:([^;,]*);base64,(.*)$/s.exec(url) ?? [];
  if (type !== '') checkImage(type, data, place);
  if (!isObject(file) || file['file_id'] !== undefined) return;
  if (!stringOf(file['file_data']).startsWith('data:application/pdf;base64,'))
    throw new Refusal(
      `Invalid file data: '${place}.file.file_data'. Expected a base64-encoded data URL with an application/pdf MIME type.`,
    );
  if (stringOf(file['filename']) === '') throw new Refusal(`Missing required parameter: '${place}.file.filename'.`);
}

/** sub2api#3785, billion-context#244, langchainjs#11044. */
export function checkResponsesItem(item: JsonObject, index: number): void {
  const { type, id, summary, output } = item;
  if (id !== undefined && type !== 'item_reference') {
    if (!/^[\w-]+$/.test(stringOf(id)))
      throw new Refusal(
        `Invalid 'input[${index}].id': '${stringOf(id)}'. Expected an ID that contains letters, numbers, underscores, or dashes.`,
      );
    if (stringOf(id).length > 64) throw tooLong(`input[${index}].id`, 64, stringOf(id).length);
  }
  if (type === 'reasoning' && !Array.isArray(summary))
    throw new Refusal(`Missing required parameter: 'input[${index}].summary'.`, 400, 'missing_required_parameter');
  for (const part of objectsOf(output))
    if (!/^input_(?:text|image|file)$/.test(stringOf(part['type'])))
      throw new Refusal(`Invalid value: '${stringOf(part['type'])}'. (input[${index}].output)`, 400, 'invalid_value');
  for (const part of [...objectsOf(output), ...objectsOf(item['content'])]) {
    const [, mediaType = '', data = ''] = /^data:([^;,]*);base64,(.*)$/s.exec(stringOf(part['image_url'])) ?? [];
    if (mediaType !== '') checkImage(mediaType, data, `input[${index}]`);
  }
}
