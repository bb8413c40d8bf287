import { isObject } from '../canonical/json.ts';
import { tokenFields } from '../canonical/remedies.ts';
import type { DialectId, JsonObject } from '../canonical/request.ts';
import { omitBlankText } from './blankText.ts';
import { editMessages, objectsIn, without, type BodyChange, type BodyEdit } from './bodyEdits.ts';
import { keepFourMarks } from './cacheMarks.ts';
import { fitFiles } from './chatFiles.ts';
import { dropEmptyParts, dropEmptySystem, fitNames, fitResults } from './chatMessages.ts';
import { cite } from './cite.ts';
import { dropEmptyLists } from './emptyLists.ts';
import { fitImages } from './imageTypes.ts';
import { fitUserId, shortenKeys } from './longValues.ts';
import { fitBudget } from './messagesEdits.ts';
import { dropBlankStops, dropLastThinking, fitCacheTimes, unmarkThinking } from './messagesLimits.ts';
import { beginWithUser, declareCalled, fitToolResults } from './messagesTurns.ts';
import { fitParts, fitReasoning } from './responsesItems.ts';
import { clampTemperature } from './samplingEdits.ts';

// The last edits for every provider of a wire, known or not.

/** What Claude Code itself writes for a turn that says nothing. */
const nothing = '(no content)';

/** Fields in which a message may say something beside its content. */
const otherContent = ['tool_calls', 'function_call', 'reasoning_content', 'reasoning', 'reasoning_details', 'refusal', 'audio', 'prefix', 'partial']; // prettier-ignore

const fillEmptyMessages: BodyChange = {
  change:
    'An empty message of the user or the assistant gets the text `(no content)`; an empty one of the assistant at the end is left out.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const last: unknown = messages.at(-1);
    const begun = isObject(last) && last['role'] === 'assistant' && messages.length > 1 && saysNothing(last);
    return fillMessages(begun ? { ...body, messages: messages.slice(0, -1) as unknown[] } : body);
  },
};

const fillMessages = editMessages((message) => (saysNothing(message) ? { ...message, content: nothing } : message));

function saysNothing(message: JsonObject): boolean {
  const { role, content } = message;
  if (role !== 'assistant' && role !== 'user') return false;
  return isEmpty(content) && !otherContent.some((name) => holdsSomething(message[name]));
}

/** Blank text counts as nothing: strict providers trim it. Any other part says something. */
function isEmpty(content: unknown): boolean {
  if (content === null || content === undefined) return true;
  if (typeof content === 'string') return content.trim() === '';
  return Array.isArray(content) && content.every((part: unknown) => isObject(part) && isBlankText(part));
}

function isBlankText({ type, text }: JsonObject): boolean {
  return /^(?:input_|output_)?text$/.test(String(type)) && typeof text === 'string' && text.trim() === '';
}

function holdsSomething(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

const fillEmptyItems: BodyChange = {
  change: 'An empty message item gets the text `(no content)`.',
  edit: (body) => {
    const input: unknown = body['input'];
    if (!Array.isArray(input)) return body;
    const edited = input.map((item: unknown) => (isObject(item) && isEmptyItem(item) ? filled(item) : item));
    return edited.every((item, index) => item === input[index]) ? body : { ...body, input: edited };
  },
};

function isEmptyItem({ type = 'message', role, content }: JsonObject): boolean {
  return type === 'message' && (role === 'user' || role === 'assistant') && isEmpty(content);
}

function filled(item: JsonObject): JsonObject {
  const type = item['role'] === 'assistant' ? 'output_text' : 'input_text';
  const [first = {}] = objectsIn(item['content']);
  return { ...item, content: [{ ...first, type, text: nothing }] };
}

/** Some servers read 0 or -1 as no limit. */
const dropNoLimits: BodyChange = {
  change: 'An output limit of 0 or below, by which clients mean none, is left out.',
  edit: (body) => {
    const named = tokenFields.filter((name) => typeof body[name] === 'number' && body[name] <= 0);
    return named.length === 0 ? body : without(body, ...named);
  },
};

/** Tokens. */
const leastOutputTokens = 16;

const raiseOutputTokens: BodyChange = {
  change: `\`max_output_tokens\` below ${leastOutputTokens} becomes ${leastOutputTokens}.`,
  edit: (body) => {
    const asked = body['max_output_tokens'];
    return typeof asked === 'number' && asked < leastOutputTokens
      ? { ...body, max_output_tokens: leastOutputTokens }
      : body;
  },
};

const trimPrefill: BodyChange = {
  change: 'White space at the end of an answer that the client began is removed.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
    if (!Array.isArray(messages) || !isObject(last) || last['role'] !== 'assistant') return body;
    const content = trimmed(last['content']);
    return content === last['content']
      ? body
      : { ...body, messages: [...(messages as unknown[]).slice(0, -1), { ...last, content }] };
  },
};

function trimmed(content: unknown): unknown {
  if (typeof content === 'string') return content.trimEnd();
  const last: unknown = Array.isArray(content) ? content.at(-1) : undefined;
  if (!Array.isArray(content) || !isObject(last) || typeof last['text'] !== 'string') return content;
  const text = last['text'].trimEnd();
  return text === last['text'] ? content : [...(content as unknown[]).slice(0, -1), { ...last, text }];
}

const noLimits = '"max_tokens must be at least 1" (vLLM), "Expected a value >= 1" (OpenAI)';
const emptyLists =
  '"empty array. Expected an array with minimum length 1" (openai-python#2061, claude-code-router#686, tome#87), "Empty tool_calls is not supported" (vscode-unify-chat-provider#65)';
const images =
  '"The image was specified using the image/jpeg media type, but the image appears to be a image/png image" (llxprt-code#2130), "unsupported image format" (vscode-unify-chat-provider#244)';
const longKeys =
  '"string too long. Expected a string with maximum length 64" (llxprt-code#2135, pi#4719, llmgateway#3110)';

export const everyProvider: Record<DialectId, readonly BodyEdit[]> = {
  'openai-chat': [
    cite(emptyLists, dropEmptyLists),
    cite(
      '"must not be empty" (AstrBot#7200), "text content blocks must be non-empty" (Claude behind a proxy)',
      dropEmptySystem,
    ),
    cite(
      '"Image URLs are only allowed for messages with role \'user\'" (OpenAI), command-code#795, hermes-agent#109707',
      fitResults,
    ),
    cite(images, fitImages.chat),
    cite('"Expected a base64-encoded data URL with an application/pdf MIME type" (OpenAI)', fitFiles),
    cite(
      '"text content is empty" (litellm#42186), "Expected an array with minimum length 1" (archestra#7375)',
      dropEmptyParts,
    ),
    cite('"Invalid \'messages[0].name\': string does not match pattern" (OpenAI)', fitNames),
    cite(noLimits, dropNoLimits),
    cite(longKeys, shortenKeys),
    cite(
      '"Assistant message must have either content or tool_calls, but not none." (OpenHands#8685), "must not be empty" (AstrBot#7200, kimi-code#1985)',
      fillEmptyMessages,
    ),
  ],
  'openai-responses': [
    cite(emptyLists, dropEmptyLists),
    cite(
      "\"Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.\" (openhuman#3624, rust-genai#119)",
      fitParts,
    ),
    cite('"Missing required parameter: \'input[1].summary\'" (OpenAI)', fitReasoning),
    cite(images, fitImages.responses),
    cite(longKeys, shortenKeys),
    cite(noLimits, dropNoLimits),
    cite('"integer below minimum value. Expected a value >= 16" (cc-switch#7287, new-api#2866)', raiseOutputTokens),
    cite('caution: as on Chat Completions (OpenHands#8685)', fillEmptyItems),
  ],
  'anthropic-messages': [
    cite(emptyLists, dropEmptyLists),
    cite('"messages: text content blocks must be non-empty"', omitBlankText),
    cite('"The final block in an assistant message cannot be `thinking`." (CLIProxyAPI#5321)', dropLastThinking),
    cite('"messages: first message must use the "user" role" (Anthropic)', beginWithUser),
    cite('kwwk#142; "content cannot be empty if `is_error` is true" (Anthropic)', fitToolResults),
    cite('"Requests which include `tool_use` or `tool_result` blocks must define tools" (Anthropic)', declareCalled),
    cite('"final assistant content cannot end with trailing whitespace" (Anthropic)', trimPrefill),
    cite(images, fitImages.messages),
    cite('"temperature: range: 0..1" (Anthropic)', clampTemperature(1)),
    cite('"stop_sequences: each stop sequence must contain non-whitespace" (litellm#3286)', dropBlankStops),
    cite('"metadata.user_id: String should have at most 256 characters" (Anthropic)', fitUserId),
    cite('"thinking.cache_control: Extra inputs are not permitted" (sub2api#225, gproxy#67)', unmarkThinking),
    cite('"A maximum of 4 blocks with cache_control may be provided." (Anthropic)', keepFourMarks),
    cite(
      "\"a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block\" (headroom#2939)",
      fitCacheTimes,
    ),
    cite('"`max_tokens` must be greater than `thinking.budget_tokens`" (Anthropic)', fitBudget),
  ],
};
