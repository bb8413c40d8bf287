import type { Affinity } from '../../routing/affinity.ts';
import type { Call } from './outbox.ts';
import { parsed } from './replies.ts';
import type { Share, SharedPart } from './share.ts';

/** As many conversations as a gateway keeps; later ones replace them. */
const maxNotes = 4000;

/** A prompt cache is cold by then. Milliseconds. */
const keptMs = 24 * 3_600_000;

/** Which targets hold the prompts of which conversations, which go by a hash. */
export function shareAffinity(local: Affinity, share: Share): { affinity: Affinity; part: SharedPart } {
  const key = `${share.prefix}:live:affinity`;

  function repeat(call: Call): void {
    const [, ...values] = call as [string, ...Parameters<Affinity['note']>];
    const [conversation, target, usage, atMs] = values;
    local.note(conversation, target, usage, share.fromShared(atMs));
  }

  return {
    affinity: {
      ...local,
      note(conversation, target, usage, nowMs) {
        local.note(conversation, target, usage, nowMs);
        const { inputTokens, outputTokens } = usage;
        const call: Call = ['affinity', conversation, target, { inputTokens, outputTokens }, share.toShared(nowMs)];
        share.tell(
          [call],
          [
            ['RPUSH', key, JSON.stringify(call)],
            ['LTRIM', key, String(-maxNotes), '-1'],
            ['PEXPIRE', key, String(keptMs)],
          ],
        );
      },
    },
    part: {
      reads: () => [['LRANGE', key, '0', '-1']],
      restore([notes]) {
        for (const text of (notes ?? []) as string[]) {
          const call = parsed(text);
          if (Array.isArray(call) && call[0] === 'affinity') repeat(call as unknown as Call);
        }
      },
      apply: repeat,
    },
  };
}
