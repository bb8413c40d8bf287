import * as z from 'zod';
import type { Proof } from '../canonical/request.ts';

/**
 * Wires have one opaque text beside reasoning (`encrypted_content`, `signature`), which clients echo verbatim. A proof of
 * another kind than the wire's own travels in it under this prefix, which no provider's text begins with (they are base64).
 */
const prefix = 'ccr1:';

const sealed = z.discriminatedUnion('type', [
  z.object({ type: z.literal('details'), details: z.array(z.record(z.string(), z.unknown())) }),
  z.object({ type: z.literal('signature'), signature: z.string() }),
  z.object({ type: z.literal('redacted'), data: z.string() }),
  z.object({ type: z.literal('encrypted'), data: z.string() }),
]);

export function sealProof(proof: Proof): string {
  return prefix + Buffer.from(JSON.stringify(proof)).toString('base64url');
}

/** Undefined for what was damaged on its way. */
export function unsealProof(text: string): Proof | undefined {
  try {
    return sealed.parse(JSON.parse(Buffer.from(text.slice(prefix.length), 'base64url').toString()));
  } catch {
    return undefined;
  }
}

/** The summary that stands for the earlier part of a conversation, in the opaque text of its own item. */
export function sealSummary(text: string): string {
  return prefix + Buffer.from(JSON.stringify({ type: 'summary', text })).toString('base64url');
}

const summary = z.object({ type: z.literal('summary'), text: z.string() });

export function unsealSummary(text: string): string | undefined {
  try {
    return summary.parse(JSON.parse(Buffer.from(text.slice(prefix.length), 'base64url').toString())).text;
  } catch {
    return undefined;
  }
}

/** Whether a client's opaque text is ours: no provider could open it. */
export function isSealed(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith(prefix);
}
