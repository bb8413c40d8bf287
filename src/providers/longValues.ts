import { createHash } from 'node:crypto';
import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { BodyChange } from './bodyEdits.ts';

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

export const shortenKeys: BodyChange = {
  change:
    '`prompt_cache_key`, `safety_identifier` and `user` of more than 64 characters become a hash; `metadata` holds 16 texts of 512 characters.',
  edit: (body) => {
    const long = Object.entries(longestOf).filter(([name, longest]) => isLonger(body[name], longest));
    const metadata = fitPairs(body['metadata']);
    if (long.length === 0 && metadata === body['metadata']) return body;
    return {
      ...body,
      ...Object.fromEntries(long.map(([name, longest]) => [name, shortened(String(body[name]), longest)])),
      ...(metadata !== body['metadata'] && { metadata }),
    };
  },
};

function isLonger(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length > longest;
}

/** "Invalid type for 'metadata.n': expected a string". The same value if it fits. */
function fitPairs(metadata: unknown): unknown {
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

/** The Messages API knows no other field of `metadata`. */
export const fitUserId: BodyChange = {
  change: `\`metadata\` is \`user_id\` alone; one of more than ${longestUserId} characters, and one that is an address or a phone number, becomes a hash.`,
  edit: (body) => {
    const { metadata } = body;
    if (!isObject(metadata)) return body;
    const { user_id: id, ...others } = metadata;
    const isBare = Object.keys(others).length === 0;
    if (isBare && (id === null || (typeof id === 'string' && id.length <= longestUserId && !isPersonal(id))))
      return body;
    if (id === undefined || id === null) return withoutMetadata(body);
    const text = textOf(id);
    return { ...body, metadata: { user_id: isPersonal(text) ? hashOf(text) : shortened(text, longestUserId) } };
  },
};

/** "user_id appears to contain an email address" (litellm#10106), or a phone number. */
function isPersonal(id: string): boolean {
  return /^\S+@\S+\.\S+$/.test(id) || /^\+?[\d\s().-]{7,20}$/.test(id);
}

function withoutMetadata({ metadata: _, ...rest }: JsonObject): JsonObject {
  return rest;
}
