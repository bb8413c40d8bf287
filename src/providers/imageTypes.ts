import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editList, type BodyChange, type EditBody } from './bodyEdits.ts';
import { splitDataUrl } from './dataUrls.ts';

// Images whose declared type is not the one of their bytes, or is no type that models read.

/** The first characters of an image in base64, and its type. */
const beginnings: readonly [RegExp, string][] = [
  [/^iVBORw0KGgo/, 'image/png'],
  [/^\/9j\//, 'image/jpeg'],
  [/^R0lGOD/, 'image/gif'],
  [/^UklGR.{7}RUJQ/, 'image/webp'],
];

/** What every model that sees images reads. */
const readByAll = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** The type of the image that begins so; undefined if it is none of those that all models read. */
function typeOfBytes(base64: string): string | undefined {
  const start = base64.slice(0, 40);
  return beginnings.find(([pattern]) => pattern.test(start))?.[1];
}

/** The right type for an image that is declared as `declared`. */
function rightType(declared: string, base64: string): string {
  const named = declared.trim().toLowerCase();
  return typeOfBytes(base64) ?? (named === 'image/jpg' || named === 'image/pjpeg' ? 'image/jpeg' : named);
}

/** The URL with the type that its bytes have; the same URL for a right one and for one that is no data URL. */
function fitUrl(url: string): string {
  const parts = splitDataUrl(url);
  if (!parts || !/;base64/i.test(parts.parameters)) return url;
  const type = rightType(parts.type, parts.data);
  return type === parts.type ? url : `data:${type}${parts.parameters},${parts.data}`;
}

/** Names a data URL whose type is surely no picture for a model, such as `image/svg+xml` or `text/plain`. */
function unreadable(url: string): string | undefined {
  const type = splitDataUrl(url)?.type.trim().toLowerCase();
  return type !== undefined && /^(?:image\/svg|text\/)/.test(type) ? type : undefined;
}

function note(type: string): string {
  return `[image omitted: its type is ${type}]`;
}

/** The image of a part of Chat Completions; the same part if there is nothing to change. */
function fitChatPart(part: JsonObject): JsonObject {
  const { type, image_url: image } = part;
  if (type !== 'image_url') return part;
  const url = isObject(image) ? image['url'] : image;
  if (typeof url !== 'string') return part;
  const fitted = fitUrl(url);
  const wrong = unreadable(fitted);
  if (wrong !== undefined) return { type: 'text', text: note(wrong) };
  if (fitted === url) return part;
  return { ...part, image_url: isObject(image) ? { ...image, url: fitted } : fitted };
}

function fitResponsesPart(part: JsonObject): JsonObject {
  const { type, image_url: url } = part;
  if (type !== 'input_image' || typeof url !== 'string') return part;
  const fitted = fitUrl(url);
  const wrong = unreadable(fitted);
  if (wrong !== undefined) return { type: 'input_text', text: note(wrong) };
  return fitted === url ? part : { ...part, image_url: fitted };
}

function fitBlock(block: JsonObject): JsonObject {
  if (block['type'] === 'tool_result') return editList(block, 'content', fitBlock);
  const { source } = block;
  if (block['type'] !== 'image' || !isObject(source) || source['type'] !== 'base64') return block;
  const { media_type: declared, data: given } = source;
  if (typeof given !== 'string') return block;
  // Some clients put a whole data URL where only its data belongs.
  const data = splitDataUrl(given)?.data ?? given;
  const type = rightType(typeof declared === 'string' ? declared : '', data);
  if (!readByAll.has(type)) return { type: 'text', text: note(type || 'unknown'), ...markOf(block) };
  return type === declared && data === given ? block : { ...block, source: { ...source, media_type: type, data } };
}

function markOf({ cache_control: mark }: JsonObject): JsonObject {
  return mark ? { cache_control: mark } : {};
}

function inLists(list: string, places: readonly string[], fit: (part: JsonObject) => JsonObject): EditBody {
  return (body) => editList(body, list, (item) => places.reduce((edited, place) => editList(edited, place, fit), item));
}

const change =
  'An image gets the type that its bytes have, whatever the client calls it; one of a type that no model reads is replaced by a note.';

export const fitImages: Record<'chat' | 'responses' | 'messages', BodyChange> = {
  chat: { change, edit: inLists('messages', ['content'], fitChatPart) },
  responses: { change, edit: inLists('input', ['content', 'output'], fitResponsesPart) },
  messages: { change, edit: inLists('messages', ['content'], fitBlock) },
};
