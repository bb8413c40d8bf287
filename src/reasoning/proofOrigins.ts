import { createBoundedMap } from '../canonical/boundedMap.ts';
import { editRequest } from '../canonical/editRequest.ts';
import type { ChatRequest, Part, Proof } from '../canonical/request.ts';
import { digest } from './turnHash.ts';

/**
 * Who can verify a proof: the host that made it, and for some kinds only the model that made it. `account` is derived from
 * an API key, and an account may have several keys: so it can identify who refused a proof, but not who made it.
 */
export type ProofMaker = { host: string; model: string; account?: string | undefined };

/** Where each proof came from. An unknown proof may come from anywhere: the client kept it for longer than CCR did. */
export type ProofOrigins = {
  /** Records proofs that a provider has just sent. */
  note(maker: ProofMaker, proofs: readonly Proof[]): void;
  /** Records proofs that a provider could not verify. */
  refuse(maker: ProofMaker, proofs: readonly Proof[]): void;
  /** Whether the provider is known to refuse the proof. */
  isForeign(maker: ProofMaker, proof: Proof): boolean;
};

type Known = { origin?: string; refusedBy: Set<string> };

/** Keeps the `maxProofs` proofs that were sent or refused most recently. */
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
 * A signature is bound to the model that made it (vybestack/llxprt-code#2335), and so may be the details that a host of many
 * models sends. OpenAI's encrypted content is bound to the account.
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

/** Includes the account for encrypted content: if one account refuses it, another one may still accept it. */
function askedOf(maker: ProofMaker, proof: Proof): string {
  const origin = originOf(maker, proof);
  return proof.type === 'encrypted' && maker.account !== undefined ? `${origin} ${maker.account}` : origin;
}

export function proofsIn(request: ChatRequest): Proof[] {
  const proofs: Proof[] = [];
  for (const { parts } of request.messages)
    for (const part of parts) if (part.type === 'reasoning' && part.proof) proofs.push(part.proof);
  return proofs;
}

/**
 * Removes proofs from reasoning and keeps its text. Returns the same request if there is nothing to remove; otherwise an
 * edited copy without `source`, so that the client's original is not relayed.
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

/** Removes the whole part if it only holds a proof. */
function withoutProof(part: Part, isUnwanted: (proof: Proof) => boolean): Part[] {
  if (part.type !== 'reasoning' || !part.proof || !isUnwanted(part.proof)) return [part];
  return part.text === '' ? [] : [{ type: 'reasoning', text: part.text }];
}
