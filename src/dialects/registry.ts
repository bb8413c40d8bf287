import { GatewayError } from '../canonical/errors.ts';
import type { DialectId } from '../canonical/request.ts';
import type { Dialect } from './dialect.ts';
import { openaiChat } from './openaiChat/index.ts';
import { openaiResponses } from './openaiResponses/index.ts';

/** Every dialect there is: a new one is a line here. */
const dialects: Partial<Record<DialectId, Dialect>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
};

/** @throws GatewayError `unsupported` for one that is not built yet. */
export function dialectById(id: DialectId): Dialect {
  const dialect = dialects[id];
  if (!dialect) throw new GatewayError('unsupported', `This version of CCR does not speak ${id} yet.`);
  return dialect;
}
