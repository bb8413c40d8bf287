import { createSealer, sealKeyBytes } from '../../src/reasoning/sealer.ts';

/** A deterministic sealer for goldens: the same text always gives the same envelope. */
export const testSealer = createSealer(new Uint8Array(sealKeyBytes).fill(1), (size) => new Uint8Array(size).fill(2));
