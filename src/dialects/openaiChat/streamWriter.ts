import type { Block, Citations, FinishReason, Media, StreamEvent, Usage } from '../../canonical/events.ts';
import { fillPlace, knownJson, textPlace } from '../../canonical/writtenText.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import { frameOf, type SseFrame } from '../../sse/frame.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { writeErrorObject } from './writeError.ts';
import { citationFields, writeAnnotations } from './annotations.ts';
import { signatureFields, writeSignature } from './extraContent.ts';
import { writeFinish } from './finishReason.ts';
import { writeLogprobs } from './logprobs.ts';
import { wordsFor, writeMedia } from './media.ts';
import { writeUsage } from './usage.ts';

/** `length`: characters of the block that were written. */
type OpenBlock = { block: Block; toolIndex: number; length: number };

/** Writes chat.completion.chunk frames, ending in `[DONE]`, that the official SDK's ChatCompletionStream accepts. */
export function streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter {
  return (emit) => {
    const chunks = createChunkWriter(context, emit);
    const blocks = createBlockWriter(chunks);
    return {
      push(event: StreamEvent) {
        chunks.start();
        switch (event.type) {
          case 'start':
            return;
          case 'block-start':
            return blocks.open(event.index, event.block);
          case 'block-delta':
            return blocks.writeText(event);
          case 'logprobs':
            return chunks.holdLogprobs(blocks.typeOf(event.index), event.tokens);
          case 'block-end':
            blocks.writeProof(event.proof);
            if (event.citations) blocks.writeCitations(event.index, event.citations);
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

type BlockDelta = Extract<StreamEvent, { type: 'block-delta' }>;
type ChunkWriter = ReturnType<typeof createChunkWriter>;

function createChunkWriter(context: ReplyContext, emit: (frame: SseFrame) => void) {
  const head = {
    id: context.newId('chatcmpl'),
    object: 'chat.completion.chunk',
    created: context.createdAt,
    model: context.model,
  };
  const withUsage = context.request.includeUsage === true;
  let started = false;
  /** Probabilities go out with the text that follows them. */
  let logprobs: { type: Block['type']; logprobs: JsonObject[] }[] = [];

  /** `known`: JSON for the place of a text in the fields. */
  function writeChunk(fields: JsonObject, known?: string): void {
    emit(frameOf(undefined, fillPlace(JSON.stringify({ ...head, ...fields }), known)));
  }

  function writeChoice(delta: JsonObject, finishReason: string | null, known?: string): void {
    const beside = logprobs.length > 0 && takeLogprobs();
    // If usage was requested, every chunk but the last has `usage: null`.
    const choice = { index: 0, delta, ...beside, finish_reason: finishReason };
    writeChunk({ choices: [choice], ...(withUsage && { usage: null }) }, known);
  }

  function takeLogprobs(): JsonObject {
    const taken = writeLogprobs(logprobs);
    logprobs = [];
    return { logprobs: taken };
  }

  return {
    start(): void {
      if (started) return;
      started = true;
      writeChoice({ role: 'assistant', content: null }, null);
    },
    writeDelta: (delta: JsonObject, known?: string) => writeChoice(delta, null, known),
    /** Fields of the whole reply, beside an empty choice. */
    writeFields: (fields: JsonObject) =>
      writeChunk({ choices: [{ index: 0, delta: {}, finish_reason: null }], ...fields }),
    holdLogprobs(type: Block['type'], tokens: JsonObject[]): void {
      logprobs.push({ type, logprobs: tokens });
    },
    finish(reason: FinishReason, usage: Usage | undefined): void {
      writeChoice({}, writeFinish(reason));
      if (withUsage && usage) writeChunk({ choices: [], usage: writeUsage(usage) });
      emit({ data: '[DONE]' });
    },
  };
}

function createBlockWriter({ writeDelta, writeFields }: ChunkWriter) {
  const blocks = new Map<number, OpenBlock>();
  /** Signatures of calls that have not started yet, by the call's index. */
  const signatures = new Map<number, string>();
  let toolCount = 0;
  /** Characters of content that were written. */
  let written = 0;

  function writeMediaBlock(media: Media): void {
    const words = wordsFor(media);
    const content = written > 0 && words !== '' ? `\n\n${words}` : words;
    written += content.length;
    writeDelta(content === '' ? writeMedia([media]) : { content });
  }

  return {
    typeOf: (index: number): Block['type'] => blocks.get(index)?.block.type ?? 'text',
    open(index: number, block: Block): void {
      const open = { block, toolIndex: block.type === 'tool-call' ? toolCount++ : -1, length: 0 };
      blocks.set(index, open);
      if (block.type === 'media') return writeMediaBlock(block.media);
      if (block.type !== 'tool-call') return;
      const { id, kind, name } = block;
      const called = kind === 'custom' ? { name, input: '' } : { name, arguments: '' };
      const call = { index: open.toolIndex, id, type: kind, [kind]: called };
      writeDelta({ tool_calls: [{ ...call, ...signatureFields(signatures.get(open.toolIndex)) }] });
    },
    writeText({ index, text, written: asJson }: BlockDelta): void {
      const open = blocks.get(index);
      if (!open || text === '') return;
      open.length += text.length;
      if (open.block.type === 'text') written += text.length;
      const known = knownJson(text, asJson);
      const delta = blockDelta(open, known === undefined ? text : textPlace);
      if (delta) writeDelta(delta, known);
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
    writeCitations(index: number, citations: Citations): void {
      const length = blocks.get(index)?.length ?? 0;
      const annotations = writeAnnotations(citations, { offset: written - length, length });
      if (annotations.length > 0) writeDelta({ annotations });
      const fields = citationFields(citations);
      if (Object.keys(fields).length > 0) writeFields(fields);
    },
    end(index: number): void {
      const open = blocks.get(index);
      blocks.delete(index);
      // Clients parse the arguments as JSON, so a call without any has `{}`.
      if (open?.length === 0 && open.block.type === 'tool-call' && open.block.kind === 'function')
        writeDelta(toolDelta(open, '{}'));
    },
  };
}

function blockDelta(open: OpenBlock, text: unknown): JsonObject | undefined {
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
    case 'media':
      return undefined;
    default:
      return open.block satisfies never;
  }
}

function toolDelta(open: OpenBlock, text: unknown): JsonObject {
  return { tool_calls: [toolCallDelta(open, text)] };
}

function toolCallDelta({ block, toolIndex }: OpenBlock, text: unknown): JsonObject {
  const custom = block.type === 'tool-call' && block.kind === 'custom';
  return { index: toolIndex, ...(custom ? { custom: { input: text } } : { function: { arguments: text } }) };
}
