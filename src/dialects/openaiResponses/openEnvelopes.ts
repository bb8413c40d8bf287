import { introduceSummary, lostSummary } from '../../canonical/compaction.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import { openReasoning } from '../../reasoning/envelopes.ts';
import { isSealed, type Opener } from '../../reasoning/sealer.ts';
import { isCompaction } from './compaction.ts';
import * as wire from './wire.ts';

/** A client's input without CCR's envelopes, which no provider must receive. */
export type OpenedInput<Input> = {
  input: Input;
  /** Proofs from envelopes that items of this dialect cannot hold, by the item's index. */
  proofs: ReadonlyMap<number, Proof>;
  /** Whether the envelope of a compaction could not be opened. The model continues without that summary. */
  lostSummary: boolean;
};

/** Opens CCR's envelopes in the input, or returns the same input if there are none. Reasoning drops envelopes that can't be opened. */
export function openEnvelopes<Input>(input: Input | unknown[], opener: Opener): OpenedInput<Input | unknown[]> {
  const proofs = new Map<number, Proof>();
  if (!Array.isArray(input) || !input.some(hasEnvelope)) return { input, proofs, lostSummary: false };
  let lost = false;

  function open(item: JsonObject & { encrypted_content: string }, index: number): JsonObject {
    if (isCompaction(item['type'])) {
      const summary = opener.open('summary', item.encrypted_content);
      lost ||= summary === undefined;
      return asMessage(summary === undefined ? lostSummary : introduceSummary(summary));
    }
    const opened = openReasoning(opener, item.encrypted_content);
    switch (opened?.type) {
      case undefined:
        return { ...item, encrypted_content: null };
      case 'text':
        return withText(item, opened.text);
      case 'encrypted':
        return { ...item, encrypted_content: opened.data };
      case 'details':
      case 'signature':
      case 'redacted':
      case 'thought-signature':
        proofs.set(index, opened);
        return { ...item, encrypted_content: null };
      default:
        return opened satisfies never;
    }
  }

  const items = input.map((item: unknown, index) => (hasEnvelope(item) ? open(item, index) : item));
  return { input: items, proofs, lostSummary: lost };
}

function hasEnvelope(item: unknown): item is JsonObject & { encrypted_content: string } {
  return typeof item === 'object' && item !== null && 'encrypted_content' in item && isSealed(item.encrypted_content);
}

/** The summary of a compaction as a user message. */
function asMessage(text: string): JsonObject {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

/** Adds the sealed text, unless the client kept the content itself. */
function withText(item: JsonObject, text: string): JsonObject {
  const { content } = wire.reasoningItem.safeParse(item).data ?? {};
  const kept = content?.some((part) => part.text) ?? false;
  return { ...item, encrypted_content: null, ...(!kept && { content: [{ type: 'reasoning_text', text }] }) };
}
