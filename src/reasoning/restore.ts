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
 * Gives assistant turns the reasoning that the client dropped, and the proof where only the text came back. Asks for the
 * newest turns first, so that equal turns find their own even when the oldest are forgotten. Returns the same request
 * when nothing changed; otherwise the copy has no `source`, since a relay would send what the client sent. A turn whose reasoning the provider of
 * `dialect` keeps itself, and the client only names, needs none.
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
    // Also by a message that needs nothing: its turn is not another one's.
    taken.add(found);
    const isKept = message.parts.some((part) => part.type === 'native' && part.isReasoning && part.dialect === dialect);
    if (isKept || own.some(({ proof }) => proof) || !adds(found, own)) return message;
    changed = true;
    return { ...message, parts: [...found, ...message.parts.filter((part) => part.type !== 'reasoning')] };
  });
  return changed ? editRequest(request, { messages: messages.toReversed() }) : request;
}

/**
 * Whether the memory knows more than the client sent: all of it, the proof, or the whole of which the client sent a part
 * (OpenAI's SDK keeps the last delta only of a field that it does not know). Text that the client changed stays as the
 * client wants it.
 */
function adds(found: RememberedReasoning, own: readonly ReasoningPart[]): boolean {
  if (found.length === 0) return false;
  const [ownText, foundText] = [joinTexts(own), joinTexts(found)];
  if (hashText(ownText) === '') return true;
  if (hashText(ownText) === hashText(foundText)) return found.some(({ proof }) => proof);
  return foundText.includes(ownText);
}

function joinTexts(parts: readonly ReasoningPart[]): string {
  return parts.map(({ text }) => text).join('');
}
