import type { Proof } from '../../canonical/request.ts';
import { sealReasoning } from '../../reasoning/envelopes.ts';
import { isSealed } from '../../reasoning/sealer.ts';
import type { ReplyContext } from '../dialect.ts';

/** Reads a provider's `encrypted_content`, which is opaque to CCR. */
export function readProof(data: string | null | undefined): Proof | undefined {
  return data ? { type: 'encrypted', data } : undefined;
}

/**
 * Writes `encrypted_content`, the only opaque field of this dialect. A proof of the Responses API passes unchanged, unless it is
 * an envelope of another CCR: when the client sends it back, it would be mistaken for one of ours, so it is sealed again.
 *
 * Without a proof, the text itself is sealed for clients that drop reasoning without `encrypted_content` (the Vercel AI SDK
 * with `store: false`), so that strict providers get their reasoning back. Codex always requests `encrypted_content` but sends
 * the content back as well (clients-wire.md, section 2), so it would only carry the text twice.
 */
export function writeProof(text: string, proof: Proof | undefined, context: ReplyContext): string | null {
  const { sealer, client, request } = context;
  if (proof?.type === 'encrypted' && !isSealed(proof.data)) return proof.data;
  if (proof) return sealReasoning(sealer, proof);
  const dropsText = request.wantsProofs === true && client !== 'codex';
  return dropsText && text ? sealReasoning(sealer, { type: 'text', text }) : null;
}
