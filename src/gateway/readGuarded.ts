import type { ChatRequest } from '../canonical/request.ts';
import type { Exchange } from './exchange.ts';
import { guardLoops, type LoopLimits } from './loopGuard.ts';
import type { RequestRecord } from './record.ts';
import type { ReadRequest, RequestRouter } from './requestRouter.ts';

/** Enough to tell a user's conversations apart. Characters. */
const conversationDigits = 12;

type Given = { exchange: Exchange; record: RequestRecord; sent: ChatRequest; loopGuard: LoopLimits | false };

/**
 * Reads what decides the route of a request, unless the loop guard stops it. The record says what the request was, also of one
 * that was stopped.
 * @throws GatewayError `stopped`
 */
export function readGuarded(
  router: Pick<RequestRouter, 'read'>,
  { exchange, record, sent, loopGuard }: Given,
): ReadRequest {
  const recorded = (request: ChatRequest): ReadRequest => {
    const read = router.read(exchange, request);
    record.intent = read.intent;
    record.conversation = read.conversationHash.slice(0, conversationDigits);
    record.estimate = read.estimate;
    return read;
  };
  let guarded: ChatRequest;
  try {
    guarded = loopGuard ? guardLoops(sent, loopGuard) : sent;
  } catch (thrown) {
    recorded(sent);
    throw thrown;
  }
  return recorded(guarded);
}
