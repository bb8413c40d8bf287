import type { Proof } from '../../canonical/request.ts';
import { openProof, sealReasoning } from '../../reasoning/envelopes.ts';
import { isSealed, type Opener, type Sealer } from '../../reasoning/sealer.ts';

/**
 * As the `signature` of a thinking block for a client, which sends it back verbatim; '' where there is none. The envelope of
 * another CCR is sealed once more: we would take it for one of ours when it comes back.
 */
export function writeSignature(proof: Proof | undefined, sealer: Sealer): string {
  if (!proof) return '';
  return proof.type === 'signature' && !isSealed(proof.signature) ? proof.signature : sealReasoning(sealer, proof);
}

/** As a client sends it back. An envelope that can't be opened is none. */
export function readEchoedSignature(signature: string | null | undefined, opener: Opener): Proof | undefined {
  return isSealed(signature) ? openProof(opener, signature) : readSignature(signature);
}

/** As a provider wrote it. */
export function readSignature(signature: string | null | undefined): Proof | undefined {
  return signature ? { type: 'signature', signature } : undefined;
}
