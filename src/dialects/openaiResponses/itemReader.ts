import type { Delta } from '../../canonical/events.ts';
import type { ToolKind } from '../../canonical/request.ts';
import { readProof } from './proof.ts';
import { summarySeparator } from './readInput.ts';
import { itemFields, type OutputItem } from './wire.ts';
import type { z } from 'zod';

/**
 * Reads one output item, from deltas, from the whole item at its end, or from both. What was streamed is not read again from the
 * whole item.
 */
export type ItemReader = {
  /** Reads the initial item, if the provider sends one. */
  begin(item: OutputItem): void;
  text(contentIndex: number, text: string): void;
  refusal(contentIndex: number, text: string): void;
  call(text: string, kind: ToolKind): void;
  /** The provider is about to stream the reasoning itself rather than a summary. */
  expectContent(): void;
  content(text: string): void;
  summary(summaryIndex: number, text: string): void;
  /** Another item follows, or the stream has ended: releases a summary that was held back. */
  elsewhere(): void;
  finish(item: OutputItem): void;
};

type Fields = z.infer<typeof itemFields>;
type Emit = (delta: Delta) => void;

export function createItemReader(key: string, emit: Emit): ItemReader {
  const message = createMessageReader(key, emit);
  const call = createCallReader(key, emit);
  const reasoning = createReasoningReader(key, emit);
  return {
    begin(item) {
      const fields = itemFields.parse(item);
      message.begin(fields);
      reasoning.begin(fields);
      // The input of a call comes in deltas or at the end, so it is not read here, where it would come twice.
      if (isCall(item.type)) call.announce(fields.call_id ?? undefined, fields, callKind(item.type));
    },
    text: (contentIndex, text) => message.push('text-delta', contentIndex, text),
    refusal: (contentIndex, text) => message.push('refusal-delta', contentIndex, text),
    call: call.push,
    expectContent: reasoning.expectContent,
    content: reasoning.pushContent,
    summary: reasoning.pushSummary,
    elsewhere: reasoning.releaseSummary,
    finish(item) {
      const fields = itemFields.parse(item);
      if (item.type === 'message') message.finish(fields);
      else if (item.type === 'reasoning') reasoning.finish(fields);
      else if (isCall(item.type)) call.finish(item, fields);
      else emit({ type: 'native', key, dialect: 'openai-responses', json: item });
    },
  };
}

function createMessageReader(key: string, emit: Emit) {
  /** Keys of the content parts that have been emitted. */
  const partKeys = new Set<string>();
  let phase: string | undefined;

  function push(type: 'text-delta' | 'refusal-delta', contentIndex: number, text: string): void {
    if (!text) return;
    const partKey = `${key}.${contentIndex}`;
    partKeys.add(partKey);
    if (type === 'refusal-delta') emit({ type, key: partKey, text });
    else emit({ type, key: partKey, text, ...(phase !== undefined && { phase }) });
  }

  return {
    push,
    begin(fields: Fields): void {
      phase = fields.phase ?? undefined;
    },
    finish(fields: Fields): void {
      phase = fields.phase ?? phase;
      for (const [index, part] of (fields.content ?? []).entries()) {
        if (partKeys.has(`${key}.${index}`)) continue;
        if (part.type === 'refusal') push('refusal-delta', index, part.refusal ?? '');
        else push('text-delta', index, part.text ?? '');
      }
      for (const partKey of partKeys) emit({ type: 'block-end', key: partKey });
    },
  };
}

function createCallReader(key: string, emit: Emit) {
  let announced: { id?: string; name?: string } = {};
  let streamed = false;

  /** Emits id, name and namespace once each, as soon as they are known. */
  function announce(id: string | undefined, { name, namespace }: Fields, kind: ToolKind): void {
    const fresh = {
      ...(id && announced.id === undefined && { id }),
      ...(name && announced.name === undefined && { name, ...(namespace && { namespace }) }),
    };
    if (Object.keys(fresh).length === 0) return;
    announced = { ...announced, ...fresh };
    emit({ type: 'tool-delta', key, kind, ...fresh, text: '' });
  }

  return {
    announce,
    push(text: string, kind: ToolKind): void {
      if (!text) return;
      streamed = true;
      emit({ type: 'tool-delta', key, kind, text });
    },
    finish(item: OutputItem, fields: Fields): void {
      const kind = callKind(item.type);
      announce(fields.call_id || item.id || undefined, fields, kind);
      const text = kind === 'custom' ? fields.input : fields.arguments;
      if (!streamed && text) emit({ type: 'tool-delta', key, kind, text });
      emit({ type: 'block-end', key });
    },
  };
}

/**
 * Emits the content of reasoning if there is any, else its summary. Providers may send both with the same text, in either order,
 * so a summary is held back until it is clear that no content follows.
 */
function createReasoningReader(key: string, emit: Emit) {
  /** Which of the two is emitted. */
  let source: 'unknown' | 'content' | 'summary' = 'unknown';
  let heldSummary = '';
  let lastSummaryIndex = 0;
  /** Whether the item has a `content` field, so that content may still follow the summary. */
  let contentPossible = false;
  let emitted = false;

  function push(text: string): void {
    emitted = true;
    emit({ type: 'reasoning-delta', key, text });
  }

  function releaseSummary(): void {
    if (source !== 'unknown' || !heldSummary) return;
    source = 'summary';
    push(heldSummary);
    heldSummary = '';
  }

  function expectContent(): void {
    if (source !== 'unknown') return;
    source = 'content';
    heldSummary = '';
  }

  function pushContent(text: string): void {
    expectContent();
    if (source === 'content' && text) push(text);
  }

  return {
    releaseSummary,
    expectContent,
    pushContent,
    begin(fields: Fields): void {
      contentPossible = Array.isArray(fields.content);
    },
    pushSummary(summaryIndex: number, text: string): void {
      if (source === 'content' || !text) return;
      const isNextPart = summaryIndex !== lastSummaryIndex;
      lastSummaryIndex = summaryIndex;
      // One delta is held until the next event shows whether the same text comes as content too. If the item has a `content`
      // field, the whole first part is held, since content may follow the summary.
      if (source === 'unknown' && heldSummary && (!contentPossible || isNextPart)) releaseSummary();
      const piece = isNextPart && (emitted || heldSummary) ? summarySeparator + text : text;
      if (source === 'unknown') heldSummary += piece;
      else push(piece);
    },
    finish(fields: Fields): void {
      const content = joinTexts(fields.content, '');
      if (!emitted && content) {
        expectContent();
        push(content);
      }
      releaseSummary();
      const summary = joinTexts(fields.summary, summarySeparator);
      if (!emitted && summary) push(summary);
      const proof = readProof(fields.encrypted_content);
      // A proof without text still gets a block of its own.
      if (proof && !emitted) push('');
      if (emitted) emit({ type: 'block-end', key, ...(proof && { proof }) });
    },
  };
}

function joinTexts(parts: Fields['content'], separator: string): string {
  return (parts ?? []).map((part) => part.text ?? '').join(separator);
}

function callKind(type: string): ToolKind {
  return type === 'custom_tool_call' ? 'custom' : 'function';
}

/** Whether an item is a call that the client has to answer, so that the reply ends with `tool-calls`. */
export function isCall(type: string): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}
