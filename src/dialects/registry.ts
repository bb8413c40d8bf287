import type { DialectId } from '../canonical/request.ts';
import { anthropicMessages } from './anthropicMessages/index.ts';
import type { Dialect } from './dialect.ts';
import { openaiChat } from './openaiChat/index.ts';
import { openaiResponses } from './openaiResponses/index.ts';

/** All dialects. A new one is added here. */
const dialects: Record<DialectId, Dialect> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
};

export function dialectById(id: DialectId): Dialect {
  return dialects[id];
}
