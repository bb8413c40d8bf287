import { isObject } from './json.ts';
import { readOutputLimit, type OutputLimit } from './outputLimits.ts';
import type { ProviderFailure } from './providerError.ts';
import { locate, readUnknownFields, type FieldPath } from './refusedFields.ts';
import { readImageRefusal } from './refusedImages.ts';
import type { JsonObject } from './request.ts';
import { readSizeLimits, type SizeLimit } from './sizeLimits.ts';

/**
 * A change of the body with which a refused request is sent again to the same target at once. `lasting`: the provider will
 * refuse the same in every request, so later requests are changed before they are sent.
 */
export type Remedy =
  | { type: 'leave-out'; path: FieldPath; lasting: boolean }
  | { type: 'rename'; from: string; to: string; lasting: true }
  | { type: 'most-tokens'; tokens: number; lasting: boolean }
  | { type: 'least-tokens'; tokens: number; lasting: true }
  /** The model can't continue a message of the assistant. */
  | { type: 'end-with-user'; lasting: true }
  /** Something else in this request excludes thinking. `byDefault`: the model thinks unless told not to. */
  | { type: 'no-thinking'; byDefault: boolean; lasting: false }
  | { type: 'auto-tool-choice'; lasting: false }
  | SizeLimit
  /** Pictures that can't be read or are too large; all of them if none is named. */
  | { type: 'omit-images'; paths: readonly (readonly string[])[]; lasting: false }
  /** Values of the header `anthropic-beta`; all of them if none is named. */
  | { type: 'no-betas'; names: readonly string[]; lasting: true };

/** The fields that hold the most tokens to write, on any wire. */
export const tokenFields = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'] as const;

/** The output limit of a body; undefined if it has none. Tokens. */
export function askedTokens(sent: JsonObject): number | undefined {
  return tokenFields.map((name) => sent[name]).find((value) => typeof value === 'number');
}

/**
 * The changes that would make the provider accept the refused request; empty if none is known. `limit` is what
 * `readOutputLimit` read in the same refusal.
 */
export function readRemedies(failure: ProviderFailure, sent: JsonObject, limit?: OutputLimit): Remedy[] {
  const { message } = failure;
  if (limit) return limitRemedies(limit);
  const renamed = readRename(message, sent);
  if (renamed) return [renamed];
  const sizes = readSizeLimits(failure, sent);
  if (sizes.length > 0) return sizes;
  const images = readImageRefusal(message, sent);
  if (images) return [{ type: 'omit-images', paths: images, lasting: false }];
  const unknown = readUnknownFields(failure, sent);
  if (unknown.length > 0) return unknown.map((path) => ({ type: 'leave-out', path, lasting: true }));
  return readBetas(message) ?? readTurn(message, sent) ?? readSampling(message, sent);
}

/** Undefined if the refusal is not about the request, or states no limit. */
export function limitIn({ status, message }: ProviderFailure, sent: JsonObject | undefined): OutputLimit | undefined {
  return sent && isAboutRequest(status) ? readOutputLimit(message, askedTokens(sent)) : undefined;
}

/** Whether a refusal with this status can be about the body. Some proxies pass a 400 on as a 500. */
export function isAboutRequest(status: number | undefined): boolean {
  return status === undefined || [200, 400, 404, 413, 422, 500].includes(status);
}

function limitRemedies(limit: OutputLimit): Remedy[] {
  switch (limit.type) {
    case 'room':
      return [{ type: 'most-tokens', tokens: limit.tokens, lasting: false }];
    case 'most':
      return [{ type: 'most-tokens', tokens: limit.tokens, lasting: true }];
    case 'least':
      return [{ type: 'least-tokens', tokens: limit.tokens, lasting: true }];
    case 'no-room':
      return [];
    default:
      return limit satisfies never;
  }
}

/** OpenAI: "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead." */
function readRename(message: string, sent: JsonObject): Remedy | undefined {
  const [, from, to] = /['"`](\w+)['"`].{0,80}?\buse ['"`](\w+)['"`] instead/is.exec(message) ?? [];
  if (from === undefined || to === undefined || !isTokenField(from) || !isTokenField(to)) return undefined;
  return from in sent && !(to in sent) ? { type: 'rename', from, to, lasting: true } : undefined;
}

function isTokenField(name: string): boolean {
  return (tokenFields as readonly string[]).includes(name);
}

/** "Unexpected value(s) `context-management-2025-06-27` for the `anthropic-beta` header", "invalid beta flag". */
function readBetas(message: string): Remedy[] | undefined {
  if (!/anthropic[-_]beta|\bbeta (flag|header)/i.test(message)) return undefined;
  const names = [...message.matchAll(/\b[a-z0-9][a-z0-9-]*-20\d\d-\d\d-\d\d\b/g)].map(([name]) => name);
  return [{ type: 'no-betas', names, lasting: true }];
}

const prefillWords =
  /\bassistant message prefill\b|\bmust end with a user message\b|\blast (?:message|role)\b.{0,60}\b(?:must|should) be\b.{0,20}\buser\b|\bexpected last role user\b|\bprefill\w* (?:is|are) not supported\b|\bcannot (?:end with|set).{0,40}\bassistant\b/i;

/**
 * Anthropic: "Expected `thinking` or `redacted_thinking`, but found `tool_use`", "Thinking may not be enabled when tool_choice
 * forces tool use."
 */
const thinkingWords =
  /\bexpected `?thinking`? or `?redacted_thinking`?|\bmust start with a thinking block\b|\bthinking may not be enabled when\b/i;

/** DeepSeek: "Thinking mode does not support this tool_choice"; Kimi: "tool_choice 'specified' is incompatible with thinking enabled". */
const choiceWords = /\btool_choice\b.{0,80}\b(thinking|reasoning)\b|\b(thinking|reasoning)\b.{0,80}\btool_choice\b/i;

function readTurn(message: string, sent: JsonObject): Remedy[] | undefined {
  if (thinkingWords.test(message) && thinks(sent)) return [{ type: 'no-thinking', byDefault: false, lasting: false }];
  if (lostReasoningWords.test(message) && !isOff(sent))
    return [{ type: 'no-thinking', byDefault: true, lasting: false }];
  if (prefillWords.test(message) && endsWithAssistant(sent)) return [{ type: 'end-with-user', lasting: true }];
  if (!choiceWords.test(message) || !isForced(sent['tool_choice'])) return undefined;
  const thinking: Remedy = { type: 'no-thinking', byDefault: false, lasting: false };
  return [thinks(sent) ? thinking : { type: 'auto-tool-choice', lasting: false }];
}

/** Kimi: "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2". */
const lostReasoningWords = /\breasoning_content\b.{0,60}\b(?:is missing|must be (?:passed|provided|present))\b/i;

/** Whether the request asks for thinking, in the form of any wire. */
function thinks({ thinking, reasoning, reasoning_effort: effort }: JsonObject): boolean {
  if (isObject(thinking)) return thinking['type'] !== 'disabled';
  if (isObject(reasoning)) return reasoning['effort'] !== 'none' && reasoning['enabled'] !== false;
  return typeof effort === 'string' && effort !== 'none';
}

function isOff({ thinking }: JsonObject): boolean {
  return isObject(thinking) && thinking['type'] === 'disabled';
}

function endsWithAssistant({ messages, input }: JsonObject): boolean {
  const list = messages ?? input;
  const last: unknown = Array.isArray(list) ? list.at(-1) : undefined;
  return isObject(last) && last['role'] === 'assistant';
}

function isForced(choice: unknown): boolean {
  return choice === 'required' || (isObject(choice) && choice['type'] !== 'auto' && choice['type'] !== 'none');
}

const samplingNames = ['top_p', 'temperature', 'top_k', 'frequency_penalty', 'presence_penalty', 'seed', 'stop'];

/** OpenAI: "'temperature' does not support 0.2 with this model. Only the default (1) value is supported." */
const refusedValue =
  /does not support|not supported|unsupported|deprecated|only \S+ (?:is|are) allowed|only the default|may only be set|cannot both/i;
/** Refuses one value only: the next request may have another. */
const outOfRange =
  /out of range|\brange\b|范围|(?:must|should) be in|less than|greater than|between|<=|>=|at most|at least|maximum value|minimum value/i;

/** Claude from 4.1 on: "`temperature` and `top_p` cannot both be specified for this model." */
function readSampling(message: string, sent: JsonObject): Remedy[] {
  const named = samplingNames.filter((name) => new RegExp(`(?<![\\w])${name}(?!\\w)`, 'i').test(message));
  const paths = named.flatMap((name) => locate(name, sent)).filter(({ length }) => length === 1);
  const isBoth = /cannot both|only one/i.test(message);
  const lasting = refusedValue.test(message);
  if (!lasting && !outOfRange.test(message)) return [];
  return paths
    .slice(0, isBoth ? 1 : undefined)
    .map((path) => ({ type: 'leave-out', path, lasting: lasting && !isBoth }));
}
