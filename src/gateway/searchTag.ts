import { isOfUser } from '../canonical/messages.ts';
import { editRequest } from '../canonical/editRequest.ts';
import type { ChatRequest, Message, Part, TextPart } from '../canonical/request.ts';

/** As a word of its own: not a link (`[web](url)`), and not an index (`a[search]`). */
const tag = /(?<!\S)\[(?:search|web)\](?!\S)[ \t]*/g;

/**
 * Whether the user asked for a web search with `[search]` or `[web]` in the newest message, and the request without such tags.
 * They are removed from earlier messages too: clients repeat these on each turn, and a changed one would miss the provider's
 * prompt cache. Only what users write is searched, not what clients add in tags of their own.
 */
export function takeSearchTag(request: ChatRequest): { request: ChatRequest; hasSearchTag: boolean } {
  if (!request.messages.some(isTagged)) return { request, hasSearchTag: false };
  const newest = request.messages.findLast(isOfUser);
  const messages = request.messages.map((message) =>
    isTagged(message) ? { ...message, parts: message.parts.map(withoutTag) } : message,
  );
  return { request: editRequest(request, { messages }), hasSearchTag: newest !== undefined && isTagged(newest) };
}

function isTagged({ role, parts }: Message): boolean {
  return role === 'user' && parts.some((part) => isUsersText(part) && part.text.search(tag) >= 0);
}

function withoutTag(part: Part): Part {
  if (!isUsersText(part)) return part;
  const text = part.text.replaceAll(tag, '').trim();
  // Some providers refuse an empty text.
  return part.text.search(tag) < 0 || text === '' ? part : { ...part, text };
}

/** Clients put what they add in tags: `<system-reminder>`, `<environment_context>`. */
function isUsersText(part: Part): part is TextPart {
  if (part.type !== 'text') return false;
  // Faster than the pattern, on texts that may be long.
  const mayHaveTag = part.text.includes('[search]') || part.text.includes('[web]');
  return mayHaveTag && !/^\s*</.test(part.text);
}
