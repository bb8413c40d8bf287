import { isObject } from './json.ts';
import type { JsonObject } from './request.ts';

/**
 * Anthropic: "image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes", "At least one of the image dimensions exceed max
 * allowed size for many-image requests: 2000 pixels" (claude-code#34120, vscode#297841), "Could not process image"; OpenAI:
 * "You uploaded an unsupported image. Please make sure your image is valid." Such an image stays in the history, so that every
 * later request would be refused too.
 */
const words =
  /\bimage exceeds\b|\bimage dimensions exceed\b|\bcould not process image\b|\buploaded an unsupported image\b|\bunsupported image format\b|\bfailed to (?:decode|load|process|parse) (?:the )?image\b|\bimage (?:data )?(?:is|was) (?:too large|corrupt\w*|invalid|not (?:a )?valid)\b|\binvalid (?:base64 )?image(?: data)?\b|\bimage file (?:is )?(?:truncated|too large)\b/i;

/** `messages.5.content.0.tool_result.content.1.image.source`, `messages[5].content[0]`, `input[3].content[1]`. */
const place =
  /\b(messages|input)[.[](\d+)\]?((?:\.(?:content|output|tool_result))*[.[]\d+\]?(?:\.(?:content|tool_result))*(?:[.[]\d+\]?)?)/gi;

/**
 * The places of the images that a refusal is about, as keys from the body down; empty for all images. Undefined if it is about
 * none, or nothing in the body is one.
 */
export function readImageRefusal(message: string, sent: JsonObject): string[][] | undefined {
  if (!words.test(message) || !hasImages(sent['messages'] ?? sent['input'])) return undefined;
  return [...message.matchAll(place)].map(([, list = '', index = '', rest = '']) => [
    list.toLowerCase(),
    index,
    ...rest.split(/[.[\]]+/).filter((key) => key !== '' && key !== 'tool_result'),
  ]);
}

/** Whether a part of content is a picture, on any wire. */
export function isImage(part: unknown): boolean {
  return isObject(part) && /^(?:image|image_url|input_image)$/.test(String(part['type']));
}

function hasImages(list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  return list.some(
    (item: unknown) => isObject(item) && (isImage(item) || hasImages(item['content']) || hasImages(item['output'])),
  );
}
