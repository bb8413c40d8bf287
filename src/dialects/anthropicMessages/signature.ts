import type { Proof } from '../../canonical/request.ts';
import { openProof, sealReasoning } from '../../reasoning/envelopes.ts';
import { isSealed, type Opener, type Sealer } from '../../reasoning/sealer.ts';

/**
 * The proof as the `signature` of a thinking block for a client, which sends it back unchanged. '' if there is no proof. An
 * envelope from another CCR is sealed once more, as it would otherwise be mistaken for ours when it comes back.
 */
export function writeSignature(proof: Proof | undefined, sealer: Sealer): string {
  if (!proof) return '';
  return proof.type === 'signature' && !isSealed(proof.signature) ? proof.signature : sealReasoning(sealer, proof);
}

/** Reads a signature that a client sends back. An envelope that can't be opened is dropped. */
export function readEchoedSignature(signature: string | null | undefined, opener: Opener): Proof | undefined {
  return isSealed(signature) ? openProof(opener, signature) : readSignature(signature);
}

/** Reads a signature from a provider. */
export function readSignature(signature: string | null | undefined): Proof | undefined {
  return signature ? { type: 'signature', signature } : undefined;
}
