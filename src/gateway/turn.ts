import type { ChatRequest } from '../canonical/request.ts';
import type { ReplyContext } from '../dialects/dialect.ts';
import type { RouteDecision } from '../routing/route.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayParts } from './gatewayParts.ts';
import type { RequestRecord } from './record.ts';
import type { ReadRequest } from './requestRouter.ts';

/** A request that was read and routed, while it is answered. */
export type Turn = {
  exchange: Exchange;
  request: ChatRequest;
  /** The same request with what decided its route. */
  read: ReadRequest;
  decision: RouteDecision;
  context: ReplyContext;
  record: RequestRecord;
};

/** What a dialect needs to write the reply to `request`. */
export function replyContext(
  { client }: Exchange,
  request: ChatRequest,
  { sealer, clock, newId }: Pick<GatewayParts, 'sealer' | 'clock' | 'newId'>,
): ReplyContext {
  return {
    client,
    request,
    sealer,
    model: request.model ?? 'auto',
    createdAt: Math.floor(clock.now() / 1000),
    newId,
    ...(request.continuation?.keep && { replyId: newId('resp') }),
  };
}
