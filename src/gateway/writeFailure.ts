import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import { writeFrame } from '../sse/frame.ts';
import { streamHeaders } from './clientStream.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayParts } from './gatewayParts.ts';
import { replyHeaders } from './headers.ts';
import { explainError, type RequestRecord } from './record.ts';

/** Answers with an error in the client's dialect and puts it into the record. A client that is gone gets nothing. */
export function writeFailure(
  exchange: Exchange,
  record: RequestRecord,
  thrown: unknown,
  { log, clock, newId }: Pick<GatewayParts, 'log' | 'clock' | 'newId'>,
): void {
  if (exchange.signal.aborted) {
    record.error = new GatewayError('cancelled', 'The client closed the connection.');
    return;
  }
  const error = toGatewayError(thrown);
  record.error = error;
  if (error.kind === 'internal') log.error(`${explainError(error, record)} ${callersOf(error)} (${exchange.id})`);
  const { dialect, client, response } = exchange;
  // The answer was complete, and what failed is its bookkeeping.
  if (response.isOpen()) return;
  const createdAt = Math.floor(clock.now() / 1000);
  const { model = 'auto', stream } = record;
  const reply = dialect.writeError(error, { client, createdAt, newId, model, stream });
  if (reply.type === 'stream') {
    const frames = reply.frames.flatMap(writeFrame);
    response.open(200, { ...streamHeaders, ...replyHeaders(record) });
    response.end(frames);
    return;
  }
  const text = reply.type === 'json' ? JSON.stringify(reply.body) : reply.body;
  response.open(reply.status, {
    'content-type': reply.type === 'json' ? 'application/json' : 'text/plain; charset=utf-8',
    ...replyHeaders(record),
    ...reply.headers,
  });
  response.end(text);
}

/** Where a defect was thrown. Only the places: the first line of a stack is a message, which may quote anything. */
function callersOf({ stack, details }: GatewayError): string {
  const thrown = details.cause instanceof Error ? details.cause.stack : stack;
  const places = (thrown ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return places.map((line) => line.trim()).join(', ');
}
