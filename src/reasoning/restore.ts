import { editRequest } from '../canonical/editRequest.ts';
import type { ChatRequest, DialectId, Message, ReasoningPart } from '../canonical/request.ts';
import type { RememberedReasoning } from './history.ts';
import { lineagesOf } from './lineage.ts';
import { hashText } from './turnHash.ts';

/** Finds the reasoning of an assistant turn; see ReasoningMemory.recall for `lineage` and `taken`. */
export type RecallReasoning = (
  message: Message,
  lineage: () => string,
  taken: ReadonlySet<RememberedReasoning>,
) => RememberedReasoning | undefined;

/**
 * Restores reasoning that the client dropped from assistant turns, and the proof if only the text came back. Looks up the
 * newest turns first, so that equal turns get their own reasoning even after the oldest were evicted. Returns the same
 * request if nothing changed; otherwise an edited copy without `source`, so that the client's original is not relayed. Skips
 * turns whose reasoning is stored by the provider of `dialect` and only referenced by the client.
 */
export function restoreReasoning(request: ChatRequest, dialect: DialectId, recall: RecallReasoning): ChatRequest {
  const taken = new Set<RememberedReasoning>();
  let changed = false;
  const lineageAt = lineagesOf(request.messages);
  const messages = request.messages.toReversed().map((message, index) => {
    if (message.role !== 'assistant') return message;
    const own = message.parts.filter((part) => part.type === 'reasoning');
    const found = recall(message, () => lineageAt(request.messages.length - 1 - index), taken);
    if (!found) return message;
    // Also if this message needs nothing: no other message may claim its turn.
    taken.add(found);
    const isKept = message.parts.some((part) => part.type === 'native' && part.isReasoning && part.dialect === dialect);
    if (isKept || own.some(({ proof }) => proof) || !adds(found, own)) return message;
    changed = true;
    return { ...message, parts: [...found, ...message.parts.filter((part) => part.type !== 'reasoning')] };
  });
  return changed ? editRequest(request, { messages: messages.toReversed() }) : request;
}

/**
 * Whether the memory has more than the client sent: the client sent nothing, lacks the proof, or sent only a part (OpenAI's
 * SDK keeps only the last delta of a field that it does not know). Text that the client changed is kept.
 */
function adds(found: RememberedReasoning, own: readonly ReasoningPart[]): boolean {
  if (found.length === 0) return false;
  const [ownText, foundText] = [joinTexts(own), joinTexts(found)];
  if (hashText([ownText]) === '') return true;
  if (hashText([ownText]) === hashText([foundText])) return found.some(({ proof }) => proof);
  return foundText.includes(ownText);
}

function joinTexts(parts: readonly ReasoningPart[]): string {
  return parts.map(({ text }) => text).join('');
}
