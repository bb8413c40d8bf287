import type { Proof } from '../../canonical/request.ts';
import { isSealed, sealProof, unsealProof } from '../../reasoning/sealedProof.ts';

/** As the `signature` of a thinking block. Clients send it back verbatim; '' where there is none. */
export function writeSignature(proof: Proof | undefined): string {
  if (!proof) return '';
  return proof.type === 'signature' ? proof.signature : sealProof(proof);
}

export function readSignature(signature: string | null | undefined): Proof | undefined {
  if (!signature) return undefined;
  return isSealed(signature) ? unsealProof(signature) : { type: 'signature', signature };
}
