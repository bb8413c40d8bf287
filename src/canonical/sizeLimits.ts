import type { ProviderFailure } from './providerError.ts';
import { pathTo, type FieldPath } from './refusedFields.ts';
import type { JsonObject } from './request.ts';

// Lists and texts that are longer than a provider takes, as it says when it refuses them.

export type SizeLimit =
  | { type: 'most-items'; path: FieldPath; most: number; lasting: true }
  | { type: 'most-characters'; path: FieldPath; most: number; lasting: true };

/** OpenAI: "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 217 instead." */
const tooLong = /['"`]([\w.[\]]+)['"`]: (array|string) too long\b.{0,60}?\bmaximum length (\d+)/i;

/** GitHub Copilot: "You may not include more than 128 tools in your request." Others: "at most 128 function declarations". */
const tooManyTools =
  /\b(?:more than|at most|up to|a? ?maximum(?: number)? (?:of|is)|limit(?: of| is)?)\D{0,15}(\d{1,4}) (?:tools|functions|function declarations)\b|\btools\b.{0,40}\b(?:maximum number of items is|must not exceed|at most|no more than) (\d{1,4})\b/i;

/** Texts that describe or name something, and whose end may be cut off. */
const mayBeCut = new Set(['description', 'title', 'instructions']);

/** Names of a user or a conversation, of which a hash does as well. */
const mayBeHashed = new Set(['user', 'safety_identifier', 'prompt_cache_key']);

/** Lists whose rest may be left out. */
const mayBeShorter = new Set(['tools', 'stop', 'stop_sequences', 'include']);

/** Empty if the message states none, or one of what can't be shorter: the conversation, an id, a name that is called. */
export function readSizeLimits({ message }: ProviderFailure, sent: JsonObject): SizeLimit[] {
  const [, name = '', what, most] = tooLong.exec(message) ?? [];
  if (most === undefined) return toolLimit(message, sent);
  const path = pathTo(name, sent);
  const leaf = path?.at(-1) ?? '';
  if (!path || Number(most) < 1) return [];
  if (what?.toLowerCase() === 'array')
    return mayBeShorter.has(leaf) && path.length === 1
      ? [{ type: 'most-items', path, most: Number(most), lasting: true }]
      : [];
  const isMetadata = path.length === 2 && path[0] === 'metadata';
  const isFree = mayBeCut.has(leaf) || mayBeHashed.has(leaf) || isMetadata;
  return isFree ? [{ type: 'most-characters', path, most: Number(most), lasting: true }] : [];
}

function toolLimit(message: string, { tools }: JsonObject): SizeLimit[] {
  const [, first, second] = tooManyTools.exec(message) ?? [];
  const most = Number(first ?? second ?? 0);
  return most > 0 && Array.isArray(tools) && tools.length > most
    ? [{ type: 'most-items', path: ['tools'], most, lasting: true }]
    : [];
}
