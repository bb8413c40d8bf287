import type { Clock } from '../../gateway/clock.ts';
import type { ResponseShelf, ShelvedResponse } from '../../gateway/storedResponses.ts';
import type { Sealer } from '../../reasoning/sealer.ts';
import { createBoundedMap } from '../../canonical/boundedMap.ts';
import { openResponse, responseKeptMs, sealResponse } from '../sealedResponse.ts';
import { pairsOf } from './replies.ts';
import { readNewest } from './scripts.ts';
import type { Share, SharedPart } from './share.ts';

/** Of other gateways' responses, as they came; the oldest are dropped. */
const maxHere = 500;
const maxCharacters = 48 * 1024 * 1024;

/** Deleted by other gateways. */
const maxGone = 1000;

/** How much of the newest responses a gateway reads when it starts. Characters. */
const maxRead = 8 * 1024 * 1024;

/**
 * How long after each look a response is looked for again that Redis does not have, or does not bring at once: the gateway that made it
 * may still be packing it, while a client continues it. Milliseconds.
 */
const lookAgainMs = [25, 75, 150, 5];

/**
 * Stored responses, shared: each gateway gets the others' as they come, sealed, and opens one when a client continues it. Those
 * from before its start are read then, the newest first, and older ones when they are asked for.
 */
export function shareResponses(share: Share, sealer: Sealer, clock: Clock): { shelf: ResponseShelf; part: SharedPart } {
  const index = `${share.prefix}:live:responses`;
  const keyOf = (id: string): string => `${index}:${id}`;
  const here = createBoundedMap<string, string>(maxHere);
  const gone = createBoundedMap<string, true>(maxGone);
  let characters = 0;

  function remove(id: string): boolean {
    characters -= here.get(id)?.length ?? 0;
    return here.delete(id);
  }

  function add(id: string, sealed: string): void {
    remove(id);
    here.set(id, sealed);
    characters += sealed.length;
    for (const oldest of here.keys()) {
      if (characters <= maxCharacters) return;
      remove(oldest);
    }
  }

  async function publish(id: string, response: ShelvedResponse): Promise<void> {
    const sealed = await sealResponse(response, sealer);
    if (sealed === undefined) return;
    const end = String(Math.round(share.toShared(Date.now()) + responseKeptMs));
    share.tell(
      [['responses', 'put', id, sealed]],
      [
        ['SET', keyOf(id), sealed, 'PXAT', end],
        ['ZADD', index, end, id],
      ],
    );
  }

  return {
    shelf: {
      put: (id, response) => void publish(id, response).catch(() => undefined),
      get(id) {
        const sealed = here.get(id);
        return sealed === undefined ? undefined : openResponse(sealed, sealer);
      },
      remove(id) {
        share.tell(
          [['responses', 'remove', id]],
          [
            ['DEL', keyOf(id)],
            ['ZREM', index, id],
          ],
        );
        return remove(id);
      },
      isGone: (id) => gone.has(id),
      async fetch(id) {
        for (const lookMs of lookAgainMs) {
          if (here.has(id) || gone.has(id) || share.isAway()) break;
          const asked = await share.ask(['GET', keyOf(id)]);
          const { promise: later, resolve } = Promise.withResolvers<void>();
          const cancel = clock.after(lookMs, resolve);
          const found = asked?.answer.then((sealed) => typeof sealed === 'string' && (add(id, sealed), true));
          if (await Promise.race([found ?? later, later])) cancel();
          else await later;
        }
        return here.has(id);
      },
    },
    part: {
      reads: () => [['EVAL', readNewest, '1', index, keyOf(''), String(maxRead)]],
      restore([found]) {
        for (const [id, sealed] of pairsOf(found).toReversed()) if (!here.has(id)) add(id, sealed);
      },
      apply([, name, id, sealed]) {
        if (name === 'put') add(String(id), String(sealed));
        if (name !== 'remove') return;
        remove(String(id));
        gone.set(String(id), true);
      },
    },
  };
}
