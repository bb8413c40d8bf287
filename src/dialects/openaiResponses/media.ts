import type { Block, Delta, Media } from '../../canonical/events.ts';
import { describeMedia, readBase64Url } from '../../canonical/media.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { OutputItem } from './readEvent.ts';

/** An image that the provider generated. Undefined for another item, or without a result. */
export function readImageItem(item: OutputItem, key: string): Delta | undefined {
  const { type, result, output_format: format } = item;
  if (type !== 'image_generation_call' || typeof result !== 'string' || result === '') return undefined;
  const url = `data:image/${typeof format === 'string' ? format : 'png'};base64,${result}`;
  return { type: 'media', key, media: { kind: 'image', url, own: { dialect: 'openai-responses', json: item } } };
}

/** The block as an item can have it: an image as base64 is an `image_generation_call`, other media become `text`. */
export function mediaToText(block: Block): { block: Block; text: string } | undefined {
  if (block.type !== 'media' || imageItem(block.media)) return undefined;
  return { block: { type: 'text' }, text: describeMedia(block.media) };
}

export function writeImageItem(media: Media, id: string, status: string): JsonObject {
  return { ...imageItem(media), id, status };
}

function imageItem({ kind, url = '', own }: Media): JsonObject | undefined {
  if (own.dialect === 'openai-responses') return own.json;
  const data = kind === 'image' ? readBase64Url(url) : undefined;
  if (!data) return undefined;
  return {
    type: 'image_generation_call',
    output_format: data.mediaType.split('/')[1] ?? 'png',
    result: data.base64,
  };
}
