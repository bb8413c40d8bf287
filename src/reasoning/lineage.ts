import type { Message } from '../canonical/request.ts';
import { digest, hashCall, hashText } from './turnHash.ts';

/** Turns compared. Conversations whose last turns up to this many are equal count as the same. */
const depth = 8;

/** Thousands are kept in memory. Characters. */
const longestLineage = 200;

/**
 * For the message at `index`, or for the one after the last, a short name for the number of earlier assistant turns and of the
 * text and calls in the latest of them. It distinguishes equal turns, both within a conversation and between conversations.
 */
export type Lineages = (index: number) => string;

/** Hashes turns lazily, each once. Consecutive assistant messages are one turn (see turnsOf). */
export function lineagesOf(messages: readonly Message[]): Lineages {
  const keys = new Map<number, string>();
  const { turns, turnsBefore } = turnsOf(messages);

  function keyOf(turn: number): string {
    const known = keys.get(turn);
    if (known !== undefined) return known;
    const key = turnKey(turns[turn] ?? []);
    keys.set(turn, key);
    return key;
  }

  return (index) => {
    const before = turnsBefore[index] ?? turns.length;
    let lineage = String(before);
    for (let turn = before - 1; turn >= Math.max(0, before - depth); turn--) lineage += ` ${keyOf(turn)}`;
    return lineage.length > longestLineage ? digest(lineage) : lineage;
  };
}

/** Joins consecutive assistant messages: some clients send the text and the calls of a turn separately (test/fixtures/codex/codex-0.80-chat.json). */
function turnsOf(messages: readonly Message[]): { turns: Message['parts'][]; turnsBefore: number[] } {
  const turns: Message['parts'][] = [];
  let isOpen = false;
  const turnsBefore: number[] = [];
  for (const { role, parts } of messages) {
    const said = role === 'assistant' ? parts.filter(isSaid) : [];
    if (role !== 'assistant') isOpen = false;
    else if (isOpen) turns.at(-1)?.push(...said);
    else if (said.length > 0) {
      turns.push(said);
      isOpen = true;
    }
    turnsBefore.push(isOpen ? turns.length - 1 : turns.length);
  }
  return { turns, turnsBefore };
}

function isSaid({ type }: Message['parts'][number]): boolean {
  return type === 'text' || type === 'tool-call';
}

/** Like the reasoning memory: a turn is identified by its calls, or else by its text. */
function turnKey(parts: Message['parts']): string {
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [hashCall(part)] : []));
  if (calls.length > 0) return calls.toSorted().join(' ');
  return hashText(parts.map((part) => (part.type === 'text' ? part.text : '')));
}
