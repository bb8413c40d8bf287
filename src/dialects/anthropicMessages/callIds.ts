import type { Message } from '../../canonical/request.ts';

/** The call ids that the API accepts. */
const validId = /^[a-zA-Z0-9_-]+$/;

/** Whether a strict provider accepts all call ids: valid characters, and unique in the conversation. */
export function callIdsAreValid(messages: readonly Message[]): boolean {
  const seen = new Set<string>();
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type !== 'tool-call') continue;
      if (!validId.test(part.id) || seen.has(part.id)) return false;
      seen.add(part.id);
    }
  }
  return true;
}

/**
 * Gives calls and their results ids that a strict provider accepts. The ids depend only on the messages up to that point, so
 * a conversation that grows keeps its prompt cache.
 */
export function fixCallIds(messages: readonly Message[]): readonly Message[] {
  if (callIdsAreValid(messages)) return messages;
  const taken = new Set<string>();
  let turn = new Map<string, string>();
  return messages.map((message) => {
    if (message.role === 'assistant') turn = new Map();
    const parts = message.parts.map((part) => {
      if (part.type === 'tool-result') return { ...part, callId: turn.get(part.callId) ?? part.callId };
      if (part.type !== 'tool-call') return part;
      const id = freeId(part.id, taken);
      taken.add(id);
      turn.set(part.id, id);
      return { ...part, id };
    });
    return { ...message, parts };
  });
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  const clean = wanted.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || 'call';
  let id = clean;
  for (let number = 2; taken.has(id); number++) id = `${clean}_${number}`;
  return id;
}
