import type { Message } from './request.ts';

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
