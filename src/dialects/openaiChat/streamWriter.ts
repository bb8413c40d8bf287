import type { Block, StreamEvent, Usage } from '../../canonical/events.ts';
import type { FinishReason } from '../../canonical/events.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import type { SseFrame } from '../../sse.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { writeErrorObject } from './writeError.ts';
import { signed, writeSignature } from './extraContent.ts';
import { writeFinish } from './finishReason.ts';
import { writeUsage } from './usage.ts';

type OpenBlock = { block: Block; toolIndex: number; empty: boolean };

/** Writes events as chat.completion.chunk frames, ending in `[DONE]`, such that the official SDK's ChatCompletionStream accepts them. */
export function streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter {
  return (emit) => {
    const id = context.newId('chatcmpl');
    const withUsage = context.request.includeUsage === true;
    const blocks = new Map<number, OpenBlock>();
    /** Signatures of calls that have not started yet, by the call's index. */
    const signatures = new Map<number, string>();
    let toolCount = 0;
    let started = false;

    function writeChunk(fields: JsonObject): void {
      const head = { id, object: 'chat.completion.chunk', created: context.createdAt, model: context.model };
      emit({ data: JSON.stringify({ ...head, ...fields }) });
    }

    function writeDelta(delta: JsonObject, finishReason: string | null = null): void {
      // If usage was requested, every chunk but the last has `usage: null`.
      writeChunk({ choices: [{ index: 0, delta, finish_reason: finishReason }], ...(withUsage && { usage: null }) });
    }

    function start(): void {
      if (started) return;
      started = true;
      writeDelta({ role: 'assistant', content: null });
    }

    function openBlock(index: number, block: Block): void {
      const open = { block, toolIndex: block.type === 'tool-call' ? toolCount++ : -1, empty: true };
      blocks.set(index, open);
      if (block.type !== 'tool-call') return;
      const { id: callId, kind, name } = block;
      const called = kind === 'custom' ? { name, input: '' } : { name, arguments: '' };
      const signature = signatures.get(open.toolIndex);
      const call = { index: open.toolIndex, id: callId, type: kind, [kind]: called };
      writeDelta({ tool_calls: [{ ...call, ...signed(signature) }] });
    }

    /** Writes a signature with its call if that is still to come, else with an empty delta of the call, which clients expect. */
    function writeProof(proof: Proof | undefined): void {
      if (proof?.type !== 'thought-signature') return;
      const { signature, call } = proof;
      if (call === undefined) return writeDelta(writeSignature(signature));
      const open = [...blocks.values()].find(({ toolIndex }) => toolIndex === call);
      if (!open) signatures.set(call, signature);
      else writeDelta({ tool_calls: [{ ...toolCallDelta(open, ''), ...writeSignature(signature) }] });
    }

    function endBlock(index: number): void {
      const open = blocks.get(index);
      blocks.delete(index);
      // Clients parse the arguments as JSON, so a call without any has `{}`.
      if (open?.empty && open.block.type === 'tool-call' && open.block.kind === 'function')
        writeDelta(toolDelta(open, '{}'));
    }

    function writeText(index: number, text: string): void {
      const open = blocks.get(index);
      if (!open || text === '') return;
      open.empty = false;
      const delta = blockDelta(open, text);
      if (delta) writeDelta(delta);
    }

    function finish(reason: FinishReason, usage: Usage | undefined): void {
      writeDelta({}, writeFinish(reason));
      if (withUsage && usage) writeChunk({ choices: [], usage: writeUsage(usage) });
      emit({ data: '[DONE]' });
    }

    return {
      push(event: StreamEvent) {
        start();
        switch (event.type) {
          case 'start':
            return;
          case 'block-start':
            return openBlock(event.index, event.block);
          case 'block-delta':
            return writeText(event.index, event.text);
          case 'block-end':
            writeProof(event.proof);
            return endBlock(event.index);
          case 'finish':
            return finish(event.reason, event.usage);
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
