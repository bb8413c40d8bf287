import type { ReplyBlock } from '../../canonical/events.ts';
import type { JsonObject, Part, ReasoningPart } from '../../canonical/request.ts';
import type { ExtraContent } from './wire.ts';

/** What Gemini puts beside a message or a call, and wants back there: `extra_content: {google: {thought_signature}}`. */

export function readSignature(extra: ExtraContent): string | undefined {
  return extra?.google?.thought_signature || undefined;
}

export function writeSignature(signature: string): JsonObject {
  return { extra_content: { google: { thought_signature: signature } } };
}

export function signed(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : writeSignature(signature);
}

/** As reasoning of which nothing but its proof is known. */
export function signedThought(signature: string, call?: number): ReasoningPart {
  return { type: 'reasoning', text: '', proof: { type: 'thought-signature', signature, call } };
}

/** The signatures of a turn: `own` is the message's, `ofCall` that of the call at a place. */
export type TurnSignatures = { own: string | undefined; ofCall(place: number): string | undefined };

/** One that came without a place belongs to the first call, the only one of parallel calls that has any. */
export function signaturesIn(parts: readonly (Part | ReplyBlock)[]): TurnSignatures {
  const proofs = parts.flatMap((part) =>
    part.type === 'reasoning' && part.proof?.type === 'thought-signature' ? [part.proof] : [],
  );
  const own = proofs.find(({ call }) => call === undefined)?.signature;
  const placed = new Map(proofs.map(({ call, signature }) => [call, signature]));
  const ownIsOfCall = parts.some(({ type }) => type === 'tool-call') && !placed.has(0);
  return {
    own: ownIsOfCall ? undefined : own,
    ofCall: (place) => placed.get(place) ?? (place === 0 && ownIsOfCall ? own : undefined),
  };
}

const opener = '<thought>';

/**
 * A text that is flagged as a thought begins with a tag all the same, which may be cut anywhere; the one that closes it
 * stands before the answer (coder/coder, googleopenai's captures). Returns what of a piece is thought.
 */
export function createThoughtTagFilter(): (piece: string) => string {
  let begun = '';
  let inside = false;
  return (piece) => {
    if (inside) return piece;
    begun += piece;
    if (begun !== opener && opener.startsWith(begun)) return '';
    inside = true;
    return begun.startsWith(opener) ? begun.slice(opener.length) : begun;
  };
}
