import type { JsonObject, Message } from '../../canonical/request.ts';
import { digest } from '../../reasoning/turnHash.ts';

/** "Invalid 'input[5].call_id': string too long. Expected a string with maximum length 64": nothing else is asked of it (orchidfiles/ungate#41). */
const maxLength = 64;

/** The same for the same id, so that a call and its output stay a pair. */
export function wireCallId(id: string): string {
  return id.length <= maxLength ? id : `call_${digest(id)}`;
}

/** An item of the client's own, with a call id that every provider takes. */
export function withWireCallId(json: JsonObject): JsonObject {
  const id = json['call_id'];
  return typeof id === 'string' && id.length > maxLength ? { ...json, call_id: wireCallId(id) } : json;
}

/** Whether each call has one output somewhere behind it, and each output its call: more is not asked on this wire. */
export function callsAreAnswered(messages: readonly Message[]): boolean {
  const open = new Set<string>();
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-result' && !open.delete(part.callId)) return false;
      if (part.type !== 'tool-call') continue;
      if (open.has(part.id)) return false;
      open.add(part.id);
    }
  }
  return open.size === 0;
}
