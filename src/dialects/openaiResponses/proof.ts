import type { Proof } from '../../canonical/request.ts';
import { isSealed, sealProof, unsealProof } from '../../reasoning/sealedProof.ts';

/** As `encrypted_content`, this dialect's one opaque field. */
export function writeProof(proof: Proof | undefined): string | null {
  if (!proof) return null;
  return proof.type === 'encrypted' ? proof.data : sealProof(proof);
}

export function readProof(data: string | null | undefined): Proof | undefined {
  if (!data) return undefined;
  return isSealed(data) ? unsealProof(data) : { type: 'encrypted', data };
}
