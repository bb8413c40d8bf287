import type { Delta, Media } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import { describeMedia } from '../../canonical/media.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Answer } from './readChunk.ts';

/** Reads the images and the sound of an answer. */
export type MediaReader = {
  /** @returns whether there was any. */
  push(answer: Answer): boolean;
  pushImage(image: JsonObject): boolean;
  /** Emits the sound, whose pieces were gathered. */
  flush(): void;
};

export function createMediaReader(emit: (delta: Delta) => void): MediaReader {
  /** Addresses of the images that were emitted: some providers repeat the message at the end. */
  const seen = new Set<string>();
  const sound = createSoundReader(emit);

  function pushImage(json: JsonObject): boolean {
    const url = addressOf(json);
    if (url === '' || seen.has(url)) return false;
    seen.add(url);
    const own = 'image_url' in json ? json : { type: 'image_url', image_url: { url } };
    const media: Media = { kind: 'image', url, own: { dialect: 'openai-chat', json: own } };
    emit({ type: 'media', key: `image${seen.size}`, media });
    return true;
  }

  return {
    pushImage,
    push({ images, audio }) {
      let any = false;
      if (Array.isArray(images)) {
        for (const image of images as unknown[]) {
          const json = typeof image === 'string' ? { url: image } : image;
          if (isObject(json) && pushImage(json)) any = true;
        }
      }
      return isObject(audio) ? sound.push(audio) : any;
    },
    flush: sound.flush,
  };
}

/** An image may also stand as `{url}`, or as `{b64_json}`, as OpenAI's Images API has it; '' for anything else. */
function addressOf(json: JsonObject): string {
  const { image_url: named, image = named, url: bare, b64_json: data } = json;
  const url = isObject(image) ? image['url'] : (image ?? bare);
  if (typeof url === 'string' && url !== '') return url;
  const inline = inlineAddress(json['inline_data'] ?? json['inlineData'] ?? json['source']);
  if (inline !== '') return inline;
  return typeof data === 'string' && data !== '' ? `data:image/png;base64,${data}` : '';
}

/** Gemini's and Anthropic's form of an image (agentgateway#3438, any-llm#1295). */
function inlineAddress(source: unknown): string {
  if (!isObject(source)) return '';
  const { data, url, mime_type: mime = source['mimeType'] ?? source['media_type'] } = source;
  if (typeof url === 'string') return url;
  const isImage = typeof mime === 'string' && mime.startsWith('image/');
  return isImage && typeof data === 'string' && data !== '' ? `data:${mime};base64,${data}` : '';
}

/** A stream has `data` and `transcript` in pieces. They are passed on whole, since a text client gets the transcript only. */
function createSoundReader(emit: (delta: Delta) => void) {
  let fields: JsonObject | undefined;
  let data: string[] = [];
  let transcript = '';

  return {
    push(audio: JsonObject): boolean {
      fields = { ...fields, ...audio };
      if (typeof audio['data'] === 'string') data.push(audio['data']);
      if (typeof audio['transcript'] === 'string') transcript += audio['transcript'];
      return true;
    },
    flush(): void {
      if (!fields) return;
      const whole = joinBase64(data);
      const json = { ...fields, ...(whole !== '' && { data: whole }), ...(transcript !== '' && { transcript }) };
      const url = whole === '' ? undefined : `data:audio/octet-stream;base64,${whole}`;
      const media: Media = { kind: 'audio', url, transcript, own: { dialect: 'openai-chat', json } };
      emit({ type: 'media', key: 'audio', media });
      fields = undefined;
      data = [];
      transcript = '';
    },
  };
}

/** Pieces that were encoded one by one are padded one by one. */
function joinBase64(pieces: string[]): string {
  const padded = pieces.slice(0, -1).some((piece) => piece.endsWith('='));
  return padded
    ? Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString('base64')
    : pieces.join('');
}

/** The fields of a `delta` or a `message` that has these images and sounds. Images are written as OpenRouter has them. */
export function writeMedia(all: readonly Media[]): JsonObject {
  const images = all.filter(isWritableImage).map(writeImage);
  const sound = all.find(isOwnSound);
  return { ...(images.length > 0 && { images }), ...(sound && { audio: sound.own.json }) };
}

/** The text for media that the API has no field for. */
export function wordsFor(media: Media): string {
  return isWritableImage(media) || isOwnSound(media) ? '' : describeMedia(media);
}

function isWritableImage({ kind, url }: Media): boolean {
  return kind === 'image' && url !== undefined;
}

function isOwnSound({ kind, own }: Media): boolean {
  return kind === 'audio' && own.dialect === 'openai-chat';
}

function writeImage({ url, own }: Media): JsonObject {
  return own.dialect === 'openai-chat' ? own.json : { type: 'image_url', image_url: { url } };
}
