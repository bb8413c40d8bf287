import { breakIn } from '../canonical/breakIn.ts';
import { collectReply } from '../canonical/collectReply.ts';
import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import type { Delta, Reply, StreamEvent, Usage } from '../canonical/events.ts';
import { frameBlocks } from '../canonical/frameBlocks.ts';
import type { Reported } from './brokenUsage.ts';
import { openClientStream, type ClientStream } from './clientStream.ts';
import type { Opened } from './failover.ts';
import { interruptedBy } from './failure.ts';
import type { GatewayParts } from './gatewayParts.ts';
import { replyHeaders } from './headers.ts';
import { startRelay } from './relay.ts';
import type { Turn } from './turn.ts';
import { describeUnwritten } from './unwritten.ts';

/** An answer that the client got whole. */
export type Written = {
  opened: Opened;
  reply: Reply;
  /** The text of the reply as it came. */
  pieces: readonly string[];
  /** The provider's own id of the reply, if the client got the reply as the provider wrote it. */
  relayedId: string | undefined;
};

type WriterParts = Pick<GatewayParts, 'clock' | 'newId'> & {
  warn(message: string): void;
  /** An answer ended before it was complete: what there is of it. */
  brokeOff(opened: Opened, reply: Reply, reported: Reported | undefined): void;
};

/**
 * Streams an answer. The client's stream exists before the attempts, since it has to be kept alive during long ones.
 * @returns undefined if the answer failed after the stream was opened: the client then got the error in the stream
 * @throws whatever fails before that
 */
export async function streamAnswer(
  turn: Turn,
  open: () => Promise<Opened>,
  parts: WriterParts,
): Promise<Written | undefined> {
  const { exchange, context, record } = turn;
  const stream = openClientStream({
    dialect: exchange.dialect,
    context,
    response: exchange.response,
    clock: parts.clock,
    headers: () => replyHeaders(record),
  });
  let opened: Opened | undefined;
  try {
    opened = await open();
    return await pump(turn, opened, stream, parts);
  } catch (thrown) {
    // Status and headers are out, so the error has to go into the stream.
    if (!exchange.response.isOpen() || exchange.signal.aborted) throw thrown;
    record.error = toGatewayError(thrown);
    stream.fail(record.error);
    return undefined;
  } finally {
    stream.stop();
    opened?.reply.close();
  }
}

/** Passes the provider's reply on to the client's stream, batch by batch, with backpressure. */
async function pump(turn: Turn, opened: Opened, stream: ClientStream, parts: WriterParts): Promise<Written> {
  const { newId, warn } = parts;
  const { reply } = opened;
  // A keep-alive may have made the writer open the stream. Then the writer also writes the rest: a relay would start it twice.
  const relayed = reply.untouched && reply.json === undefined && !turn.exchange.response.isOpen();
  const collector = relayed ? collect(newId) : collect(newId, stream, noteUnwritten(turn, warn));
  const relay = relayed ? startRelay(stream, turn.exchange.dialect, turn.context) : undefined;
  try {
    for (let batch = await reply.next(); batch; batch = await reply.next()) {
      for (const delta of batch.deltas) collector.push(delta);
      relay?.push(batch.frames);
      const behind = batch.isLast ? undefined : stream.flush();
      if (behind) await behind;
    }
    collector.end();
    if (!collector.isDone()) relay?.complete(collector.reply());
  } catch (thrown) {
    relay?.breakOff(collector.reply());
    parts.brokeOff(opened, collector.reply(), collector.reported());
    throw interruptedBy(thrown, opened.target);
  }
  stream.end();
  return {
    opened,
    reply: collector.reply(),
    pieces: collector.pieces(),
    relayedId: relayed ? collector.providerId() : undefined,
  };
}

/** Answers a client that does not stream. */
export async function sendWholeAnswer(turn: Turn, opened: Opened, parts: WriterParts): Promise<Written> {
  const { exchange, context, record } = turn;
  const { untouched, json } = opened.reply;
  const relayed = untouched && typeof json === 'object' && json !== null;
  const collector = relayed ? collect(parts.newId) : collect(parts.newId, undefined, noteUnwritten(turn, parts.warn));
  try {
    for (let batch = await opened.reply.next(); batch; batch = await opened.reply.next()) {
      for (const delta of batch.deltas) collector.push(delta);
    }
    collector.end();
    const reply = collector.reply();
    const body = relayed ? { ...json, model: context.model } : exchange.dialect.writeReply(reply, context);
    // Before the headers: if the text can't be made, the client still gets an error.
    const text = relayed ? relayedText(JSON.stringify(body), turn, reply) : JSON.stringify(body);
    exchange.response.open(200, { 'content-type': 'application/json', ...replyHeaders(record) });
    exchange.response.end(text);
    return { opened, reply, pieces: collector.pieces(), relayedId: relayed ? collector.providerId() : undefined };
  } catch (thrown) {
    parts.brokeOff(opened, collector.reply(), collector.reported());
    throw interruptedBy(thrown, opened.target);
  } finally {
    opened.reply.close();
  }
}

/** Warns of what the client's dialect can't express. */
function noteUnwritten({ exchange }: Turn, warn: WriterParts['warn']): (event: StreamEvent) => void {
  const { id } = exchange.dialect;
  return (event) => {
    const warning = describeUnwritten(event, id);
    if (warning !== undefined) warn(warning);
  };
}

/** A reply that was refused or cut off may name its end in a way that the client does not know. */
function relayedText(data: string, { exchange, context }: Turn, { finish }: Reply): string {
  if (finish !== 'content-filter' && finish !== 'length') return data;
  const frame = exchange.dialect.relayFrame({ data }, context);
  return frame && 'data' in frame ? frame.data : data;
}

type Collector = {
  push(delta: Delta): void;
  end(): void;
  reply(): Reply;
  pieces(): readonly string[];
  /** The provider's own id of its reply. */
  providerId(): string | undefined;
  /** The provider's last count so far. */
  reported(): Reported | undefined;
  /** Whether the provider has sent the event that ends its stream. */
  isDone(): boolean;
};

/** Makes well-formed blocks of the deltas, collects them into a reply and passes them on to `stream`. */
function collect(newId: GatewayParts['newId'], stream?: ClientStream, look?: (event: StreamEvent) => void): Collector {
  const collector = collectReply();
  let id: string | undefined;
  let done = false;
  let finished = false;
  let written = 0;
  let report: { usage: Usage; written: number } | undefined;
  const blocks = frameBlocks({ newCallId: () => newId('call') })((event) => {
    look?.(event);
    collector.push(event);
    stream?.push(event);
  });
  return {
    push(delta) {
      if (delta.type === 'start') id ??= delta.id;
      if (delta.type === 'done') done = true;
      if (delta.type === 'finish') finished = true;
      if (delta.type === 'usage') report = { usage: delta.usage, written };
      if ('text' in delta) written += delta.text.length;
      blocks.push(delta);
    },
    end() {
      const place = done && !finished ? breakIn(collector.reply().blocks) : undefined;
      if (place !== undefined)
        throw new GatewayError('connection', `The provider ended the stream ${place}, without saying why.`);
      blocks.end();
    },
    reply: collector.reply,
    pieces: collector.pieces,
    providerId: () => id,
    reported: () => report && { usage: report.usage, later: written === 0 ? 0 : 1 - report.written / written },
    isDone: () => done,
  };
}
