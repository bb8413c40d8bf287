import type { Block, Delta } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import { describeMedia } from '../../canonical/media.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { AnswerBlock } from './readEvent.ts';

/** An image block, which some Messages surfaces of other makers send. Undefined for another block. */
export function readImage(block: AnswerBlock, key: string): Delta | undefined {
  const { type, source } = block;
  if (type !== 'image' || !isObject(source)) return undefined;
  const url = imageUrl(source);
  return { type: 'media', key, media: { kind: 'image', url, own: { dialect: 'anthropic-messages', json: block } } };
}

function imageUrl({ url, data, media_type: mediaType }: JsonObject): string | undefined {
  if (typeof url === 'string') return url;
  return typeof data === 'string' ? `data:${String(mediaType ?? 'image/png')};base64,${data}` : undefined;
}

/** The API has no images or sounds in answers, and its clients refuse unknown blocks: those of others are said in words. */
export function writeMedia({ media }: Extract<Block, { type: 'media' }>): JsonObject {
  return media.own.dialect === 'anthropic-messages' ? media.own.json : { type: 'text', text: describeMedia(media) };
}
