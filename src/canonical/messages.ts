import type { Message, Part } from './request.ts';

// Tests of messages. Functions of their own, since V8 compiles one that is made for each request again after each full collection.

export function isOfUser({ role }: Message): boolean {
  return role === 'user';
}

export function isOfAssistant({ role }: Message): boolean {
  return role === 'assistant';
}

/** Not an instruction. */
export function isTurn({ role }: Message): boolean {
  return role !== 'system' && role !== 'developer';
}

export function holdsImage({ parts }: Message): boolean {
  return parts.some(isImage);
}

/** Also a tool's result with one. */
function isImage(part: Part): boolean {
  return part.type === 'image' || (part.type === 'tool-result' && part.parts.some(isImage));
}
