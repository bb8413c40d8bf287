import type { ReplyBlock } from '../canonical/events.ts';
import type { Message, ReasoningPart, ToolCallPart } from '../canonical/request.ts';
import { isGuessed } from './conversation.ts';
import { hashCall, hashText } from './turnHash.ts';

export type ReasoningMemoryOptions = {
  /** Turns kept, over all conversations. */
  maxTurns: number;
  /** Bytes of reasoning kept, over all conversations, at two bytes per character. */
  maxBytes: number;
  /** Conversations idle for longer are evicted. Milliseconds. */
  maxQuietMs: number;
  /** The time, in milliseconds. */
  now(): number;
};

/** The reasoning of a remembered turn. A turn always returns the same array, so callers can compare by identity. */
export type RememberedReasoning = readonly ReasoningPart[];

export type ReasoningMemory = {
  /**
   * Stores the reasoning of a turn that was just answered. A turn without reasoning is stored too, or it would be given the
   * reasoning of an equal turn. A turn without text or calls to identify it is not stored. `lineage` comes from lineagesOf.
   * `pieces`: the text of the blocks, in any pieces.
   */
  remember(conversation: string, blocks: readonly ReplyBlock[], lineage: string, pieces?: readonly string[]): void;
  /**
   * The reasoning of an assistant turn that the client sent back without it; empty if it had none. `taken` holds the turns
   * already claimed by other messages of the same request: equal turns ("ok", the same command again) each had their own
   * reasoning. Undefined if the turn may belong to another conversation with the same beginning.
   */
  recall(
    conversation: string,
    message: Message,
    lineage: () => string,
    taken?: ReadonlySet<RememberedReasoning>,
  ): RememberedReasoning | undefined;
};

type Call = { id: string; hash: string };
/** Identifies a turn. `hashes` are the sorted hashes of all calls. */
type Known = { text: string; calls: Call[]; hashes: string };
type Wanted = Known & { lineage(): string };
type Turn = Known & { lineage: string; keys: string[]; reasoning: RememberedReasoning; bytes: number };
/** Oldest first. A set in `byKey` may have thousands of equal turns. */
type Conversation = { turns: Set<Turn>; byKey: Map<string, Set<Turn>>; usedAt: number };

/**
 * A bounded memory of recent turns, for clients that drop reasoning when they send it back. Evicts the oldest turn of the
 * least recently used conversation first.
 */
export function createReasoningMemory({
  maxTurns,
  maxBytes,
  maxQuietMs,
  now,
}: ReasoningMemoryOptions): ReasoningMemory {
  /** Least recently used first. */
  const conversations = new Map<string, Conversation>();
  let turnCount = 0;
  let bytes = 0;

  function use(key: string, conversation: Conversation): void {
    conversations.delete(key);
    conversations.set(key, conversation);
    conversation.usedAt = now();
  }

  function evict(): void {
    for (;;) {
      const [quietest] = conversations;
      const isStale = quietest !== undefined && now() - quietest[1].usedAt > maxQuietMs;
      if (!isStale && turnCount <= maxTurns && bytes <= maxBytes) return;
      const [oldest] = quietest?.[1].turns ?? [];
      if (!quietest || !oldest) return;
      const [key, conversation] = quietest;
      removeTurn(conversation, oldest);
      turnCount--;
      bytes -= oldest.bytes;
      if (conversation.turns.size === 0) conversations.delete(key);
    }
  }

  return {
    remember(key, blocks, lineage, pieces = textsOf(blocks)) {
      evict();
      const turn = turnOf(blocks, lineage, pieces);
      if (!turn) return;
      const conversation = conversations.get(key) ?? { turns: new Set(), byKey: new Map(), usedAt: 0 };
      use(key, conversation);
      addTurn(conversation, turn);
      turnCount++;
      bytes += turn.bytes;
      evict();
    },
    recall(key, message, lineage, taken) {
      evict();
      const conversation = conversations.get(key);
      if (!conversation) return undefined;
      use(key, conversation);
      const wanted = wantedTurn(message, lineage);
      const guessed = isGuessed(key);
      const candidates = keysOf(wanted)
        .flatMap((each) => [...(conversation.byKey.get(each) ?? [])])
        .filter((turn) => !taken?.has(turn.reasoning) && (!guessed || mayBe(turn, wanted)));
      const likeliest = best(candidates, wanted);
      // Later turns win a tie: the newest is the most likely to have been edited or retried.
      return guessed && differ(likeliest) ? undefined : likeliest.at(-1)?.reasoning;
    },
  };
}

function addTurn({ turns, byKey }: Conversation, turn: Turn): void {
  turns.add(turn);
  for (const key of turn.keys) {
    const known = byKey.get(key);
    if (known) known.add(turn);
    else byKey.set(key, new Set([turn]));
  }
}

function removeTurn({ turns, byKey }: Conversation, turn: Turn): void {
  turns.delete(turn);
  for (const key of turn.keys) {
    const known = byKey.get(key);
    known?.delete(turn);
    if (known?.size === 0) byKey.delete(key);
  }
}

function textsOf(blocks: readonly ReplyBlock[]): string[] {
  return blocks.flatMap(({ type, text }) => (type === 'text' ? [text] : []));
}

function turnOf(blocks: readonly ReplyBlock[], lineage: string, pieces: readonly string[]): Turn | undefined {
  const reasoning: ReasoningPart[] = [];
  const calls: Call[] = [];
  for (const block of blocks) {
    if (block.type === 'tool-call')
      calls.push({ id: block.id, hash: hashCall({ name: block.name, kind: block.kind, input: block.text }) });
    if (block.type === 'reasoning' && (block.text !== '' || block.proof)) {
      reasoning.push(
        block.proof
          ? { type: 'reasoning', text: block.text, proof: block.proof }
          : { type: 'reasoning', text: block.text },
      );
    }
  }
  const known = knownBy(pieces, calls);
  const keys = keysOf(known);
  if (keys.length === 0) return undefined;
  return { ...known, lineage, keys, reasoning, bytes: bytesOf(reasoning) };
}

function bytesOf(reasoning: readonly ReasoningPart[]): number {
  let characters = 0;
  for (const { text, proof } of reasoning)
    characters += text.length + (proof === undefined ? 0 : JSON.stringify(proof).length);
  return 2 * characters;
}

function wantedTurn({ parts }: Message, lineage: () => string): Wanted {
  const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool-call');
  const texts = parts.map((part) => (part.type === 'text' ? part.text : ''));
  let known: string | undefined;
  return {
    ...knownBy(
      texts,
      calls.map((call) => ({ id: call.id, hash: hashCall(call) })),
    ),
    // Computed once: many candidates may be compared with it. An agent that polls makes hundreds of equal turns.
    lineage: () => (known ??= lineage()),
  };
}

function knownBy(texts: readonly string[], calls: Call[]): Known {
  const hashes = calls.map(({ hash }) => hash).toSorted();
  return { text: hashText(texts), calls, hashes: hashes.join(' ') };
}

/**
 * A turn with calls is identified by each of them, never by its text: Codex 0.80 sends text and calls as two messages
 * (test/fixtures/codex/codex-0.80-chat.json), other clients split or merge parallel calls, and the reasoning belongs to
 * the calls. A turn without calls is identified by its text.
 */
function keysOf({ text, calls }: Known): string[] {
  if (calls.length > 0) return [...new Set(calls.map(({ hash }) => `call:${hash}`))];
  return text === '' ? [] : [`text:${text}`];
}

/** The candidates most similar to `wanted`, oldest first. */
function best(candidates: readonly Turn[], wanted: Wanted): Turn[] {
  if (candidates.length < 2) return [...candidates];
  let found: { turns: Turn[]; score: number } = { turns: [], score: -1 };
  for (const turn of new Set(candidates)) {
    const score = likeness(turn, wanted);
    if (score > found.score) found = { turns: [turn], score };
    else if (score === found.score) found.turns.push(turn);
  }
  return found.turns;
}

/** Whether the turn can be the wanted one when conversations may share the key: a call has the same id, or the lineage matches. */
function mayBe(turn: Turn, wanted: Wanted): boolean {
  return sameIds(turn, wanted) > 0 || turn.lineage === wanted.lineage();
}

function sameIds(turn: Turn, { calls }: Known): number {
  return calls.filter(({ id, hash }) => turn.calls.some((call) => call.id === id && call.hash === hash)).length;
}

/** Whether they have different reasoning. */
function differ(turns: readonly Turn[]): boolean {
  return new Set(turns.map(({ reasoning }) => JSON.stringify(reasoning))).size > 1;
}

/**
 * Call ids alone prove nothing, since some providers repeat them (`call_0`), but they are the best way to choose between
 * equal turns. The lineage comes second, since an edit or a compaction changes it.
 */
function likeness(turn: Turn, wanted: Wanted): number {
  return (
    8 * sameIds(turn, wanted) +
    (turn.lineage === wanted.lineage() ? 4 : 0) +
    (turn.hashes === wanted.hashes ? 2 : 0) +
    (turn.text === wanted.text ? 1 : 0)
  );
}
