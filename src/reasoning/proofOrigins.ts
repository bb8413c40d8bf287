import { createBoundedMap } from '../canonical/boundedMap.ts';
import { editRequest } from '../canonical/editRequest.ts';
import type { ChatRequest, Part, Proof } from '../canonical/request.ts';
import { digest } from './turnHash.ts';

/**
 * Who can verify a proof: the host that made it, and for some kinds only its model. `account` is known by a key, of
 * which one account may have several: so it tells who refused a proof, not who made it.
 */
export type ProofMaker = { host: string; model: string; account?: string | undefined };

/** Which proofs came from whom. An unknown one may be anybody's: the client kept it longer than we did. */
export type ProofOrigins = {
  /** What a provider has just sent. */
  note(maker: ProofMaker, proofs: readonly Proof[]): void;
  /** What a provider said that it can't verify. */
  refuse(maker: ProofMaker, proofs: readonly Proof[]): void;
  /** Whether a provider would refuse it. */
  isForeign(maker: ProofMaker, proof: Proof): boolean;
};

type Known = { origin?: string; refusedBy: Set<string> };

/** Keeps the `maxProofs` proofs that were made or refused most recently. */
export function createProofOrigins({ maxProofs }: { maxProofs: number }): ProofOrigins {
  const known = createBoundedMap<string, Known>(maxProofs);

  function update(proof: Proof, change: (entry: Known) => void): void {
    const key = digest(proof);
    const entry = known.get(key) ?? { refusedBy: new Set() };
    change(entry);
    known.set(key, entry);
  }

  return {
    note(maker, proofs) {
      for (const proof of proofs) update(proof, (entry) => (entry.origin = originOf(maker, proof)));
    },
    refuse(maker, proofs) {
      for (const proof of proofs) update(proof, (entry) => entry.refusedBy.add(askedOf(maker, proof)));
    },
    isForeign(maker, proof) {
      const entry = known.get(digest(proof));
      const asked = originOf(maker, proof);
      return entry !== undefined && ((entry.origin ?? asked) !== asked || entry.refusedBy.has(askedOf(maker, proof)));
    },
  };
}

/**
 * A signature is bound to the model that made it (vybestack/llxprt-code#2335); so may be what a host of many models sends
 * as details. OpenAI's encrypted content is bound to the account.
 */
function originOf({ host, model }: ProofMaker, proof: Proof): string {
  switch (proof.type) {
    case 'encrypted':
      return host;
    case 'signature':
    case 'redacted':
    case 'details':
    case 'thought-signature':
      return `${host} ${model}`;
    default:
      return proof satisfies never;
  }
}

/** Encrypted content that one account refuses is another's, and good for that one still. */
function askedOf(maker: ProofMaker, proof: Proof): string {
  const origin = originOf(maker, proof);
  return proof.type === 'encrypted' && maker.account !== undefined ? `${origin} ${maker.account}` : origin;
}

export function proofsIn(request: ChatRequest): Proof[] {
  return request.messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'reasoning' && part.proof ? [part.proof] : [])),
  );
}

/**
 * Takes proofs from reasoning, whose text stays. Returns the same request when there is none to take; otherwise the copy
 * has no `source`, since a relay would send what the client sent.
 */
export function dropProofs(request: ChatRequest, isUnwanted: (proof: Proof) => boolean): ChatRequest {
  if (!proofsIn(request).some(isUnwanted)) return request;
  const messages = request.messages.map((message) => ({
    ...message,
    parts: message.parts.flatMap((part) => withoutProof(part, isUnwanted)),
  }));
  return editRequest(request, {
    messages: messages.filter(({ role, parts }) => role !== 'assistant' || parts.length > 0),
  });
}

/** Reasoning that was nothing but its proof is gone with it. */
function withoutProof(part: Part, isUnwanted: (proof: Proof) => boolean): Part[] {
  if (part.type !== 'reasoning' || !part.proof || !isUnwanted(part.proof)) return [part];
  return part.text === '' ? [] : [{ type: 'reasoning', text: part.text }];
}
