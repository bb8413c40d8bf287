import { createHash } from 'node:crypto';
import { isObject } from '../canonical/json.ts';
import type { FieldPath } from '../canonical/refusedFields.ts';
import { without, type BodyChange } from './bodyEdits.ts';
import { cutOff } from './fitSizes.ts';

// Values that name a user or a conversation, which are shorter at providers than at clients.

/** The longest of each, in characters. */
const longestOf: Readonly<Record<string, number>> = { prompt_cache_key: 64, safety_identifier: 64, user: 64 };

/** OpenAI's limits of `metadata`. */
const mostPairs = 16;
const longestKey = 64;
const longestValue = 512;

/** The same short text for the same long one, so that caches still match. */
function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const hash = hashOf(text);
  return longest <= hash.length ? hash.slice(0, longest) : `${text.slice(0, longest - hash.length - 1)}-${hash}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What is at `path` in a body, within a limit that its provider has stated: a name becomes a hash, since two that are cut may be equal. */
export function fitText(text: string, path: FieldPath, most: number): string {
  return isNaming(path) ? shortened(text, most) : cutOff(text, most);
}

/** Whether what is at `path` names a user or a conversation. */
export function isNaming(path: FieldPath): boolean {
  const name = path.at(-1) ?? '';
  return Object.hasOwn(longestOf, name) || name === 'user_id';
}

export const shortenKeys: BodyChange = {
  change: '`prompt_cache_key`, `safety_identifier` and `user` of more than 64 characters become a hash.',
  edit: (body) => {
    const long = Object.entries(longestOf).filter(([name, longest]) => isLonger(body[name], longest));
    if (long.length === 0) return body;
    const fitted = long.map(([name, longest]) => [name, shortened(String(body[name]), longest)]);
    return { ...body, ...Object.fromEntries(fitted) };
  },
};

/** OpenAI's alone: to LiteLLM `metadata` is an object with lists. */
export const fitPairs: BodyChange = {
  change: `\`metadata\` holds ${mostPairs} texts of ${longestValue} characters.`,
  edit: (body) => {
    const metadata = pairsOf(body['metadata']);
    return metadata === body['metadata'] ? body : { ...body, metadata };
  },
};

function isLonger(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length > longest;
}

/** "Invalid type for 'metadata.n': expected a string". The same value if it fits. */
function pairsOf(metadata: unknown): unknown {
  if (!isObject(metadata)) return metadata;
  const entries = Object.entries(metadata);
  const fits = ([key, value]: [string, unknown]): boolean =>
    key.length <= longestKey && typeof value === 'string' && value.length <= longestValue;
  if (entries.length <= mostPairs && entries.every(fits)) return metadata;
  return Object.fromEntries(
    entries
      .filter(([, value]) => value !== null && value !== undefined)
      .slice(0, mostPairs)
      .map(([key, value]) => [key.slice(0, longestKey), textOf(value).slice(0, longestValue)]),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Anthropic: "metadata.user_id: String should have at most 256 characters". Characters. */
const longestUserId = 256;

export const fitUserId: BodyChange = {
  change: `\`metadata.user_id\` becomes a hash if it has more than ${longestUserId} characters, or is an address or a phone number.`,
  edit: (body) => {
    const { metadata } = body;
    if (!isObject(metadata)) return body;
    const { user_id: id } = metadata;
    if (id === null || id === undefined) return body;
    const text = textOf(id);
    const fitted = isPersonal(text) ? hashOf(text) : shortened(text, longestUserId);
    return fitted === id ? body : { ...body, metadata: { ...metadata, user_id: fitted } };
  },
};

/** "metadata: Extra inputs are not permitted". Copies of the API may know more: LiteLLM reads tags from it. */
export const onlyUserId: BodyChange = {
  change: '`metadata` is `user_id` alone.',
  edit: (body) => {
    const { metadata } = body;
    if (!isObject(metadata) || Object.keys(metadata).every((name) => name === 'user_id')) return body;
    const { user_id: id } = metadata;
    return id === undefined || id === null ? without(body, 'metadata') : { ...body, metadata: { user_id: id } };
  },
};

/** "user_id appears to contain an email address" (litellm#10106), or a phone number: digits alone are the id of an account. */
function isPersonal(id: string): boolean {
  if (id.length > longestUserId) return false;
  return /^\S+@\S+\.\S+$/.test(id) || /^(?=\+|\d*[\s().-])\+?[\d\s().-]{7,20}$/.test(id);
}
