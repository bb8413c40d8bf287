import type { Block, StreamEvent } from '../../canonical/events.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { serializeBlocks } from '../../canonical/serializeBlocks.ts';
import { fillPlace, knownJson, textPlace, type WrittenText } from '../../canonical/writtenText.ts';
import type { Sealer } from '../../reasoning/sealer.ts';
import { frameOf, type SseFrame } from '../../sse/frame.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { ownCitations, sourcesAfter } from './citations.ts';
import { replyDelta, createCallIds, openReplyBlock, writeReplyBlock } from './replyBlocks.ts';
import { writeErrorBody } from './errorReply.ts';
import { writeSignature } from './signature.ts';
import { writeReason } from './stopReason.ts';
import { dropTrailingProof } from './trailingProof.ts';
import { writeUsage } from './usage.ts';

/** `known`: JSON for the place of a text in the fields. */
type Send = (type: string, fields: JsonObject, known?: string) => void;

type BlockWriter = {
  open(block: Block): void;
  extend(text: string, written: WrittenText | undefined): void;
  close(event: Extract<StreamEvent, { type: 'block-end' }>): void;
};

/**
 * The block being written. `index` is its position in the message, undefined until its first frame is sent: an empty block
 * is never sent. `held` is text that can only be sent whole.
 */
type Current = { block: Block; callId: string; index: number | undefined; held: string };

/** Writes canonical events as the frames of a Messages stream, one block at a time, as the API requires. */
export function streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter {
  return (emit) => {
    const send: Send = (type, fields, known) =>
      emit(frameOf(type, fillPlace(JSON.stringify({ type, ...fields }), known)));
    const blocks = createBlockWriter(context, send);
    const serializer = serializeBlocks(dropTrailingProof(write));
    let started = false;
    let over = false;

    function start(): void {
      if (started) return;
      started = true;
      send('message_start', { message: emptyMessage(context) });
    }

    function write(event: StreamEvent): void {
      start();
      switch (event.type) {
        case 'start':
          return;
        case 'block-start':
          return blocks.open(event.block);
        case 'logprobs':
          return;
        case 'block-delta':
          return blocks.extend(event.text, event.written);
        case 'block-end':
          return blocks.close(event);
        case 'finish':
          over = true;
          return sendFinish(event, send);
        default:
          event satisfies never;
      }
    }

    return {
      push(event) {
        if (!over) serializer.push(event);
      },
      end: () => serializer.end(),
      /** Open blocks stay open: a client would run a tool call whose block ends. */
      fail(error) {
        if (over) return;
        over = true;
        const { type: _, ...body } = writeErrorBody(error, context.client);
        send('error', body);
      },
      keepAlive() {
        if (over) return;
        start();
        send('ping', {});
      },
    };
  };
}

function sendFinish({ reason, raw, stopSequence, usage }: Extract<StreamEvent, { type: 'finish' }>, send: Send): void {
  send('message_delta', {
    delta: { stop_reason: writeReason(reason, raw), stop_sequence: stopSequence ?? null },
    usage: writeUsage(usage),
  });
  send('message_stop', {});
}

function createBlockWriter(context: ReplyContext, send: Send): BlockWriter {
  const newCallId = createCallIds(context.request.messages, context.newId);
  let current: Current | undefined;
  let count = 0;

  function startBlock(contentBlock: JsonObject): number {
    send('content_block_start', { index: count, content_block: contentBlock });
    return count++;
  }

  /** A text that the stream did not bring: clients read the text of a block from its deltas. */
  function writeWholeText({ text, ...block }: JsonObject): void {
    const index = startBlock({ ...block, text: '' });
    send('content_block_delta', { index, delta: { type: 'text_delta', text } });
    send('content_block_stop', { index });
  }

  return {
    open(block) {
      current = { block, callId: newCallId(block), index: undefined, held: '' };
      if (block.type === 'tool-call') current.index = startBlock(openReplyBlock(block, current.callId));
    },
    extend(text, written) {
      if (!current || text === '' || current.block.type === 'native' || current.block.type === 'media') return;
      const { block } = current;
      // A custom tool's input is wrapped in JSON once it is complete. Messages clients declare no custom tools.
      if (block.type === 'tool-call' && block.kind === 'custom') {
        current.held += text;
        return;
      }
      current.index ??= startBlock(openReplyBlock(block, ''));
      const known = knownJson(text, written);
      const delta = replyDelta(block, known === undefined ? text : textPlace);
      send('content_block_delta', { index: current.index, delta }, known);
    },
    close(event) {
      if (!current) return;
      const { block, callId, held } = current;
      let { index } = current;
      current = undefined;
      if (index === undefined) {
        const { proof, citations } = event;
        const whole = writeReplyBlock({ ...block, text: held, proof, citations }, callId, context.sealer);
        if (!whole) return;
        if (whole['type'] === 'text') return writeWholeText(whole);
        index = startBlock(unsigned(whole));
        if (whole['type'] !== 'thinking') return send('content_block_stop', { index });
      }
      for (const delta of finalDeltas(block, held, event, context.sealer))
        send('content_block_delta', { index, delta });
      send('content_block_stop', { index });
    },
  };
}

/** The deltas that are only known when the block ends. */
function finalDeltas(
  block: Block,
  held: string,
  { proof, citations }: Extract<StreamEvent, { type: 'block-end' }>,
  sealer: Sealer,
): JsonObject[] {
  const sources = block.type === 'text' ? sourcesAfter(true, citations) : '';
  if (block.type === 'text' && sources !== '') return [replyDelta(block, sources)];
  const deltas = ownCitations(citations).map((citation): JsonObject => ({ type: 'citations_delta', citation }));
  // Clients read a call's input from its deltas only.
  if (block.type === 'tool-call' && block.kind === 'custom')
    return [replyDelta(block, JSON.stringify({ input: held })), ...deltas];
  // The signature is the last delta of a thinking block. Without one, the Vercel AI SDK does not send the thinking back.
  if (block.type === 'reasoning')
    return [{ type: 'signature_delta', signature: writeSignature(proof, sealer) }, ...deltas];
  return deltas;
}

/** The signature is sent as a delta. */
function unsigned(block: JsonObject): JsonObject {
  return 'signature' in block ? { ...block, signature: '' } : block;
}

function emptyMessage({ model, newId }: ReplyContext): JsonObject {
  return {
    id: newId('msg'),
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: writeUsage(undefined),
  };
}
