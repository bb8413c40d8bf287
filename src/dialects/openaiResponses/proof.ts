import * as z from 'zod';
import type { Proof } from '../../canonical/request.ts';
import { jsonObject } from './wire.ts';

/**
 * Responses has one opaque field, `encrypted_content`, which clients echo verbatim. A proof that is not a Responses
 * provider's own travels in it under this prefix, which no provider's blob begins with (they are base64).
 */
const envelope = 'ccr1:';

const enclosed = z.discriminatedUnion('type', [
  z.object({ type: z.literal('details'), details: z.array(jsonObject) }),
  z.object({ type: z.literal('signature'), signature: z.string() }),
]);

export function writeProof(proof: Proof | undefined): string | null {
  if (!proof) return null;
  if (proof.type === 'encrypted') return proof.data;
  return envelope + Buffer.from(JSON.stringify(proof)).toString('base64url');
}

/** A damaged envelope is no proof at all; anything else without our prefix is a provider's own blob. */
export function readProof(data: string | null | undefined): Proof | undefined {
  if (!data) return undefined;
  if (!isEnvelope(data)) return { type: 'encrypted', data };
  try {
    return enclosed.parse(JSON.parse(Buffer.from(data.slice(envelope.length), 'base64url').toString()));
  } catch {
    return undefined;
  }
}

/** Whether a client's `encrypted_content` is ours: no provider could open it. */
export function isEnvelope(data: unknown): boolean {
  return typeof data === 'string' && data.startsWith(envelope);
}
