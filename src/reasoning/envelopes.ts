import * as z from 'zod';
import { parseJson } from '../canonical/json.ts';
import type { Proof } from '../canonical/request.ts';
import type { Opener, Sealer } from './sealer.ts';

/**
 * Each protocol has one opaque text next to reasoning (`encrypted_content`, `signature`), which clients echo verbatim. Data
 * that the protocol has no field for travels in it, sealed: another kind of proof, or the text for clients that keep only
 * this field.
 */
export type SealedReasoning = Proof | { type: 'text'; text: string };

const sealedReasoning = z.discriminatedUnion('type', [
  z.object({ type: z.literal('details'), details: z.array(z.record(z.string(), z.unknown())) }),
  z.object({ type: z.literal('signature'), signature: z.string() }),
  z.object({ type: z.literal('redacted'), data: z.string() }),
  z.object({ type: z.literal('encrypted'), data: z.string() }),
  z.object({ type: z.literal('thought-signature'), signature: z.string(), call: z.number().optional() }),
  z.object({ type: z.literal('text'), text: z.string() }),
]);

export function sealReasoning(sealer: Sealer, reasoning: SealedReasoning): string {
  return sealer.seal('reasoning', JSON.stringify(reasoning));
}

/** Undefined if this gateway did not seal it, or if it was damaged on the way. */
export function openReasoning(opener: Opener, envelope: string): SealedReasoning | undefined {
  const opened = opener.open('reasoning', envelope);
  return opened === undefined ? undefined : sealedReasoning.safeParse(parseJson(opened)).data;
}

/** The proof in an envelope. Undefined if it holds anything else. */
export function openProof(opener: Opener, envelope: string): Proof | undefined {
  const opened = openReasoning(opener, envelope);
  return opened?.type === 'text' ? undefined : opened;
}
