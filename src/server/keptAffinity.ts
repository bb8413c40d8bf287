import * as z from 'zod';
import type { Usage } from '../canonical/events.ts';
import { affinitySnapshotSchema, type Affinity } from '../routing/affinity.ts';
import type { Kept } from './keptFigures.ts';

const seatSchema = z.tuple([
  z.string(),
  z.object({ provider: z.string(), model: z.string() }),
  z.object({ inputTokens: z.number(), outputTokens: z.number() }),
]);

/** How the seats of conversations are kept: in snapshots, and between them each answer, for a process that is killed. */
export function keptAffinity(affinity: Affinity): Kept {
  return {
    snapshot: affinity.snapshot,
    restore: (snapshot) => affinity.restore(affinitySnapshotSchema.parse(snapshot)),
    repeat(values, atMs) {
      const [conversation, target, usage] = seatSchema.parse(values);
      affinity.note(conversation, target, usage as Usage, atMs);
    },
  };
}

/** The same affinity; `note` gets each answer, for `repeat`. */
export function notedAffinity(affinity: Affinity, note: (...values: unknown[]) => void): Affinity {
  return {
    ...affinity,
    note(conversation, { provider, model }, usage, nowMs) {
      const { inputTokens, outputTokens } = usage;
      note(conversation, { provider, model }, { inputTokens, outputTokens });
      affinity.note(conversation, { provider, model }, usage, nowMs);
    },
  };
}
