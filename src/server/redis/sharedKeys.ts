import type { KeyMemory } from '../../gateway/keyPool.ts';
import { digest } from '../../reasoning/turnHash.ts';
import type { Share, SharedPart } from './share.ts';

/** Whose turn it is among a provider's keys, and which key a conversation has. Keys and conversations go by hashes. */
export function shareKeys(local: KeyMemory, share: Share): { keyMemory: KeyMemory; part: SharedPart } {
  const { turns, chosen } = local;
  return {
    keyMemory: {
      turns: {
        get: (provider) => turns.get(provider),
        set(provider, place) {
          share.tell([['keys', 'turn', provider, place]]);
          return turns.set(provider, place);
        },
      },
      chosen: {
        get: (conversation) => chosen.get(digest(conversation)),
        set(conversation, key) {
          const name = digest(conversation);
          if (chosen.get(name) !== key) share.tell([['keys', 'chosen', name, key]]);
          chosen.set(name, key);
        },
      },
    },
    part: {
      reads: () => [],
      restore: () => undefined,
      apply([, kind, name, value]) {
        if (kind === 'turn') turns.set(String(name), Number(value));
        if (kind === 'chosen') chosen.set(String(name), String(value));
      },
    },
  };
}
