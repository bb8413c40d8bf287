import type { Citations, Delta } from '../../canonical/events.ts';
import type { ToolKind } from '../../canonical/request.ts';
import { readAnnotations, readObjects } from './annotations.ts';
import { readImageItem } from './media.ts';
import { readProof } from './proof.ts';
import { summarySeparator } from './readInput.ts';
import { readItemFields, type ItemFields as Fields, type OutputItem } from './readEvent.ts';

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
  /** What the deltas of a part or of a call must add up to: what is missing is added. */
  wholeText(type: ProseType, contentIndex: number, text: string): void;
  wholeCall(text: string, kind: ToolKind): void;
  /** The provider is about to stream the reasoning itself rather than a summary. */
  expectContent(): void;
  content(text: string): void;
  summary(summaryIndex: number, text: string): void;
  /** Another item follows, or the stream has ended: releases a summary that was held back. */
  elsewhere(): void;
  finish(item: OutputItem): void;
  /** The response has ended, and the item did not. */
  end(): void;
};

type Emit = (delta: Delta) => void;
type ProseType = 'text-delta' | 'refusal-delta';

export function createItemReader(key: string, emit: Emit): ItemReader {
  const message = createMessageReader(key, emit);
  const call = createCallReader(key, emit);
  const reasoning = createReasoningReader(key, emit);
  return {
    begin(item) {
      const fields = readItemFields(item);
      message.begin(fields);
      reasoning.begin(fields);
      // The input of a call comes in deltas or at the end, so it is not read here, where it would come twice.
      if (isCall(item.type)) call.announce(fields.call_id ?? undefined, fields, callKind(item.type));
    },
    text: (contentIndex, text) => message.push('text-delta', contentIndex, text),
    refusal: (contentIndex, text) => message.push('refusal-delta', contentIndex, text),
    call: call.push,
    wholeText: message.complete,
    wholeCall: call.complete,
    expectContent: reasoning.expectContent,
    content: reasoning.pushContent,
    summary: reasoning.pushSummary,
    elsewhere: reasoning.releaseSummary,
    end: call.end,
    finish(item) {
      const fields = readItemFields(item);
      if (item.type === 'message') message.finish(fields);
      else if (item.type === 'reasoning') reasoning.finish(fields);
      else if (isCall(item.type)) call.finish(item, fields);
      else emit(readImageItem(item, key) ?? { type: 'native', key, dialect: 'openai-responses', json: item });
    },
  };
}

function createMessageReader(key: string, emit: Emit) {
  /** The texts of the content parts that have been emitted, by key. */
  const parts = new Map<string, string>();
  let phase: string | undefined;

  function push(type: ProseType, contentIndex: number, text: string): void {
    if (!text) return;
    const partKey = `${key}.${contentIndex}`;
    parts.set(partKey, (parts.get(partKey) ?? '') + text);
    if (type === 'refusal-delta') emit({ type, key: partKey, text });
    else emit({ type, key: partKey, text, ...(phase !== undefined && { phase }) });
  }

  function complete(type: ProseType, contentIndex: number, text: string): void {
    push(type, contentIndex, missingFrom(parts.get(`${key}.${contentIndex}`) ?? '', text) ?? '');
  }

  return {
    push,
    complete,
    begin(fields: Fields): void {
      phase = fields.phase ?? undefined;
    },
    finish(fields: Fields): void {
      phase = fields.phase ?? phase;
      const citations = new Map<string, Citations>();
      for (const [index, part] of (fields.content ?? []).entries()) {
        const partKey = `${key}.${index}`;
        const tokens = readObjects(part.logprobs);
        if (tokens.length > 0) emit({ type: 'logprobs', key: partKey, tokens });
        if (part.type === 'refusal') complete('refusal-delta', index, part.refusal ?? '');
        else complete('text-delta', index, part.text ?? '');
        const found = readAnnotations(part.annotations);
        if (found) citations.set(partKey, found);
      }
      for (const partKey of parts.keys()) emit({ type: 'block-end', key: partKey, citations: citations.get(partKey) });
    },
  };
}

function createCallReader(key: string, emit: Emit) {
  let announced: { id?: string; name?: string } = {};
  /** The input that has been emitted. */
  let streamed = '';
  /** The whole input, where it does not go on from what was streamed. */
  let different: string | undefined;

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

  function push(text: string, kind: ToolKind): void {
    if (!text) return;
    streamed += text;
    emit({ type: 'tool-delta', key, kind, text });
  }

  function complete(text: string, kind: ToolKind): void {
    const missing = missingFrom(streamed, text);
    if (missing === undefined) different = text;
    else push(missing, kind);
  }

  return {
    announce,
    push,
    complete,
    finish(item: OutputItem, fields: Fields): void {
      const kind = callKind(item.type);
      announce(fields.call_id || item.id || undefined, fields, kind);
      const text = kind === 'custom' ? fields.input : fields.arguments;
      if (text) complete(text, kind);
      emit({ type: 'block-end', key, ...(different !== undefined && { input: different }) });
    },
    end(): void {
      if (different !== undefined) emit({ type: 'block-end', key, input: different });
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

/** What of a whole text was not streamed yet; undefined if it does not begin with what was. */
function missingFrom(streamed: string, whole: string): string | undefined {
  if (whole === '') return '';
  return whole.startsWith(streamed) ? whole.slice(streamed.length) : undefined;
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
