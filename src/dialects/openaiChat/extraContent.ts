import type { ReplyBlock } from '../../canonical/events.ts';
import type { JsonObject, Part, ReasoningPart } from '../../canonical/request.ts';
import { looseFlag, looseObject, looseText } from '../loose.ts';

/** Gemini's `extra_content: {google: {thought_signature}}` on a message or a call. It must be sent back in the same place. */

/** Its other fields are unknown. */
export type ExtraContent = { google: { thought: boolean | undefined; thought_signature: string | undefined } };

export function readExtraContent(json: unknown): ExtraContent | undefined {
  const google = looseObject(looseObject(json)?.['google']);
  if (!google) return undefined;
  return {
    google: { thought: looseFlag(google['thought']), thought_signature: looseText(google['thought_signature']) },
  };
}

type Signed = { google?: { thought_signature?: string | null | undefined } | null | undefined };

export function readSignature(extra: Signed | null | undefined): string | undefined {
  return extra?.google?.thought_signature || undefined;
}

export function writeSignature(signature: string): JsonObject {
  return { extra_content: { google: { thought_signature: signature } } };
}

export function signatureFields(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : writeSignature(signature);
}

/** A reasoning part that consists of a signature only. */
export function signedThought(signature: string, call?: number): ReasoningPart {
  return { type: 'reasoning', text: '', proof: { type: 'thought-signature', signature, call } };
}

/** The signatures of a turn: `own` belongs to the message, `ofCall(place)` to the call at that index. */
export type TurnSignatures = { own: string | undefined; ofCall(place: number): string | undefined };

/** A signature without an index belongs to the first call if there is one: Gemini signs only the first of parallel calls. */
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
 * Strips the `<thought>` tag with which Gemini's text starts even though it is flagged as a thought. The tag may be split
 * anywhere; the closing tag precedes the answer (coder/coder, captures of googleopenai). Returns the thought in each piece.
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
