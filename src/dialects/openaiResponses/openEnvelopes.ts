import { introduceSummary, lostSummary } from '../../canonical/compaction.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import { openReasoning } from '../../reasoning/envelopes.ts';
import { isSealed, type Opener } from '../../reasoning/sealer.ts';
import { isCompaction } from './compaction.ts';
import * as wire from './wire.ts';

/** A client's input without envelopes of ours, as any provider may get it. */
export type OpenedInput<Input> = {
  input: Input;
  /** What envelopes held that has no place in an item, by the item's index. */
  proofs: ReadonlyMap<number, Proof>;
  /** Whether a compaction could not be opened: the model goes on without what was condensed. */
  lostSummary: boolean;
};

/** The same input where nothing is sealed. An envelope beside reasoning that can't be opened counts for nothing. */
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

/** A summary of ours, as the user says it. */
function asMessage(text: string): JsonObject {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

/** What the client kept of the text itself wins. */
function withText(item: JsonObject, text: string): JsonObject {
  const { content } = wire.reasoningItem.safeParse(item).data ?? {};
  const kept = content?.some((part) => part.text) ?? false;
  return { ...item, encrypted_content: null, ...(!kept && { content: [{ type: 'reasoning_text', text }] }) };
}
