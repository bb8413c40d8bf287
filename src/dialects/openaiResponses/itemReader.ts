import type { Delta } from '../../canonical/events.ts';
import type { ToolKind } from '../../canonical/request.ts';
import { readProof } from './proof.ts';
import { summarySeparator } from './readInput.ts';
import { itemFields, type OutputItem } from './wire.ts';
import type { z } from 'zod';

/**
 * Reads one output item, from deltas or whole, to deltas of ours. What was streamed is not taken again from the whole
 * item at its end; what was not, is.
 */
export type ItemReader = {
  /** The item as it began, if the provider says so. */
  begin(item: OutputItem): void;
  text(contentIndex: number, text: string): void;
  refusal(contentIndex: number, text: string): void;
  call(text: string, kind: ToolKind): void;
  /** The provider is about to stream the model's own reasoning. */
  expectContent(): void;
  content(text: string): void;
  summary(summaryIndex: number, text: string): void;
  /** Something else happened in the stream: what waited for it is let go. */
  elsewhere(): void;
  finish(item: OutputItem): void;
};

type Fields = z.infer<typeof itemFields>;

/** How an item's reasoning comes: not yet known, as the model's own words, or as a summary of them only. */
type ReasoningMode = 'open' | 'content' | 'summary';

export function createItemReader(key: string, emit: (delta: Delta) => void): ItemReader {
  let phase: string | undefined;
  const prose = new Set<string>();
  let callStreamed = false;
  let announced: { id?: string; name?: string } = {};
  let mode: ReasoningMode = 'open';
  let held = '';
  let lastSummary = 0;
  /** Whether the item has a field for content, so that a summary may not be all. */
  let contentPossible = false;
  let reasoned = false;

  function pushProse(type: 'text-delta' | 'refusal-delta', contentIndex: number, text: string): void {
    if (!text) return;
    const proseKey = `${key}.${contentIndex}`;
    prose.add(proseKey);
    if (type === 'refusal-delta') emit({ type, key: proseKey, text });
    else emit({ type, key: proseKey, text, ...(phase !== undefined && { phase }) });
  }

  function reason(text: string): void {
    reasoned = true;
    emit({ type: 'reasoning-delta', key, text });
  }

  function releaseSummary(): void {
    if (mode !== 'open' || !held) return;
    mode = 'summary';
    reason(held);
    held = '';
  }

  function expectContent(): void {
    if (mode !== 'open') return;
    mode = 'content';
    held = '';
  }

  /** Id, name and namespace go out once, as soon as they are known. */
  function announce(id: string | undefined, { name, namespace }: Fields, kind: ToolKind): void {
    const fresh = {
      ...(id && announced.id === undefined && { id }),
      ...(name && announced.name === undefined && { name, ...(namespace && { namespace }) }),
    };
    if (Object.keys(fresh).length === 0) return;
    announced = { ...announced, ...fresh };
    emit({ type: 'tool-delta', key, kind, ...fresh, text: '' });
  }

  function finishCall(item: OutputItem, fields: Fields, kind: ToolKind): void {
    announce(fields.call_id || item.id || undefined, fields, kind);
    const text = kind === 'custom' ? fields.input : fields.arguments;
    if (!callStreamed && text) emit({ type: 'tool-delta', key, kind, text });
    emit({ type: 'block-end', key });
  }

  function finishMessage(fields: Fields): void {
    phase = fields.phase ?? phase;
    for (const [index, part] of (fields.content ?? []).entries()) {
      if (prose.has(`${key}.${index}`)) continue;
      if (part.type === 'refusal') pushProse('refusal-delta', index, part.refusal ?? '');
      else pushProse('text-delta', index, part.text ?? '');
    }
    for (const proseKey of prose) emit({ type: 'block-end', key: proseKey });
  }

  function finishReasoning(fields: Fields): void {
    const whole = joinTexts(fields.content, '');
    if (!reasoned && whole) {
      expectContent();
      reason(whole);
    }
    releaseSummary();
    const summary = joinTexts(fields.summary, summarySeparator);
    if (!reasoned && summary) reason(summary);
    const proof = readProof(fields.encrypted_content);
    // A proof without any text still is a block of its own.
    if (proof && !reasoned) reason('');
    if (reasoned) emit({ type: 'block-end', key, ...(proof && { proof }) });
  }

  return {
    begin(item) {
      const fields = itemFields.parse(item);
      phase = fields.phase ?? undefined;
      contentPossible = Array.isArray(fields.content);
      // The text of a call comes as deltas or at the end; what stands here already would come twice.
      if (isCall(item.type)) announce(fields.call_id ?? undefined, fields, callKind(item.type));
    },
    text: (contentIndex, text) => pushProse('text-delta', contentIndex, text),
    refusal: (contentIndex, text) => pushProse('refusal-delta', contentIndex, text),
    call(text, kind) {
      if (!text) return;
      callStreamed = true;
      emit({ type: 'tool-delta', key, kind, text });
    },
    expectContent,
    content(text) {
      expectContent();
      if (mode === 'content' && text) reason(text);
    },
    summary(summaryIndex, text) {
      if (mode === 'content' || !text) return;
      const nextPart = summaryIndex !== lastSummary;
      lastSummary = summaryIndex;
      // One delta waits for the next event, which shows whether the same text comes as content too. Where the item has
      // a field for content, the first part waits whole, since content may follow the summary.
      if (mode === 'open' && held && (!contentPossible || nextPart)) releaseSummary();
      const piece = nextPart && (reasoned || held) ? summarySeparator + text : text;
      if (mode === 'open') held += piece;
      else reason(piece);
    },
    elsewhere: releaseSummary,
    finish(item) {
      const fields = itemFields.parse(item);
      if (item.type === 'message') finishMessage(fields);
      else if (item.type === 'reasoning') finishReasoning(fields);
      else if (isCall(item.type)) finishCall(item, fields, callKind(item.type));
      else emit({ type: 'native', key, dialect: 'openai-responses', json: item });
    },
  };
}

function joinTexts(parts: Fields['content'], separator: string): string {
  return (parts ?? []).map((part) => part.text ?? '').join(separator);
}

function callKind(type: string): ToolKind {
  return type === 'custom_tool_call' ? 'custom' : 'function';
}

/** Whether an item makes the reply one that ends in calls, which the client has to answer. */
export function isCall(type: string): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}
