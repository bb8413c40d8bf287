import type { Block, FinishReason, StreamEvent, Usage } from '../../canonical/events.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import type { SseFrame } from '../../sse.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { writeErrorObject } from './writeError.ts';
import { signed, writeSignature } from './extraContent.ts';
import { writeFinish } from './finishReason.ts';
import { writeUsage } from './usage.ts';

type OpenBlock = { block: Block; toolIndex: number; empty: boolean };

/** Writes chat.completion.chunk frames, ending in `[DONE]`, that the official SDK's ChatCompletionStream accepts. */
export function streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter {
  return (emit) => {
    const chunks = createChunkWriter(context, emit);
    const blocks = createBlockWriter(chunks.writeDelta);
    return {
      push(event: StreamEvent) {
        chunks.start();
        switch (event.type) {
          case 'start':
            return;
          case 'block-start':
            return blocks.open(event.index, event.block);
          case 'block-delta':
            return blocks.writeText(event.index, event.text);
          case 'block-end':
            blocks.writeProof(event.proof);
            return blocks.end(event.index);
          case 'finish':
            return chunks.finish(event.reason, event.usage);
          default:
            event satisfies never;
        }
      },
      end() {},
      // No [DONE], so that a client that ignores the error does not mistake the answer for complete.
      fail: (error) => emit({ data: JSON.stringify({ error: writeErrorObject(error) }) }),
      keepAlive: () => emit({ comment: 'keep-alive' }),
    };
  };
}

type WriteDelta = (delta: JsonObject) => void;

function createChunkWriter(context: ReplyContext, emit: (frame: SseFrame) => void) {
  const head = {
    id: context.newId('chatcmpl'),
    object: 'chat.completion.chunk',
    created: context.createdAt,
    model: context.model,
  };
  const withUsage = context.request.includeUsage === true;
  let started = false;

  function writeChunk(fields: JsonObject): void {
    emit({ data: JSON.stringify({ ...head, ...fields }) });
  }

  function writeChoice(delta: JsonObject, finishReason: string | null): void {
    // If usage was requested, every chunk but the last has `usage: null`.
    writeChunk({ choices: [{ index: 0, delta, finish_reason: finishReason }], ...(withUsage && { usage: null }) });
  }

  return {
    start(): void {
      if (started) return;
      started = true;
      writeChoice({ role: 'assistant', content: null }, null);
    },
    writeDelta: (delta: JsonObject) => writeChoice(delta, null),
    finish(reason: FinishReason, usage: Usage | undefined): void {
      writeChoice({}, writeFinish(reason));
      if (withUsage && usage) writeChunk({ choices: [], usage: writeUsage(usage) });
      emit({ data: '[DONE]' });
    },
  };
}

function createBlockWriter(writeDelta: WriteDelta) {
  const blocks = new Map<number, OpenBlock>();
  /** Signatures of calls that have not started yet, by the call's index. */
  const signatures = new Map<number, string>();
  let toolCount = 0;

  return {
    open(index: number, block: Block): void {
      const open = { block, toolIndex: block.type === 'tool-call' ? toolCount++ : -1, empty: true };
      blocks.set(index, open);
      if (block.type !== 'tool-call') return;
      const { id, kind, name } = block;
      const called = kind === 'custom' ? { name, input: '' } : { name, arguments: '' };
      const call = { index: open.toolIndex, id, type: kind, [kind]: called };
      writeDelta({ tool_calls: [{ ...call, ...signed(signatures.get(open.toolIndex)) }] });
    },
    writeText(index: number, text: string): void {
      const open = blocks.get(index);
      if (!open || text === '') return;
      open.empty = false;
      const delta = blockDelta(open, text);
      if (delta) writeDelta(delta);
    },
    /** Writes a signature with its call if that is still to come, else with an empty delta of the call, which clients expect. */
    writeProof(proof: Proof | undefined): void {
      if (proof?.type !== 'thought-signature') return;
      const { signature, call } = proof;
      if (call === undefined) return writeDelta(writeSignature(signature));
      const open = [...blocks.values()].find(({ toolIndex }) => toolIndex === call);
      if (!open) signatures.set(call, signature);
      else writeDelta({ tool_calls: [{ ...toolCallDelta(open, ''), ...writeSignature(signature) }] });
    },
    end(index: number): void {
      const open = blocks.get(index);
      blocks.delete(index);
      // Clients parse the arguments as JSON, so a call without any has `{}`.
      if (open?.empty && open.block.type === 'tool-call' && open.block.kind === 'function')
        writeDelta(toolDelta(open, '{}'));
    },
  };
}

function blockDelta(open: OpenBlock, text: string): JsonObject | undefined {
  switch (open.block.type) {
    case 'text':
      return { content: text };
    case 'reasoning':
      return { reasoning_content: text };
    case 'refusal':
      return { refusal: text };
    case 'tool-call':
      return toolDelta(open, text);
    case 'native':
      return undefined;
    default:
      return open.block satisfies never;
  }
}

function toolDelta(open: OpenBlock, text: string): JsonObject {
  return { tool_calls: [toolCallDelta(open, text)] };
}

function toolCallDelta({ block, toolIndex }: OpenBlock, text: string): JsonObject {
  const custom = block.type === 'tool-call' && block.kind === 'custom';
  return { index: toolIndex, ...(custom ? { custom: { input: text } } : { function: { arguments: text } }) };
}
