import { GatewayError } from '../canonical/errors.ts';

/** Places for requests of one kind that are answered at the same time. */
export type Places = {
  /**
   * Takes a place for a client; the result gives it back.
   * @throws GatewayError `overloaded` if no place is free for this client
   */
  take(client: string): () => void;
};

/** `what` names the requests in errors: streams. */
export function createPlaces(limit: number, what: string): Places {
  /** The last quarter is for clients with few requests, so that one client can't take all places. */
  const open = limit - Math.floor(limit / 4);
  const held = new Map<string, number>();
  let used = 0;

  function refusal(client: string): string | undefined {
    if (used >= limit) return `CCR is already answering ${limit} ${what}.`;
    // As if one more client came: its share has to be free.
    const share = limit / (held.size + 1);
    const own = held.get(client) ?? 0;
    return used >= open && own >= share
      ? `CCR is already answering ${own} ${what} of this client and keeps the remaining places for others.`
      : undefined;
  }

  return {
    take(client) {
      const refused = refusal(client);
      if (refused !== undefined)
        throw new GatewayError('overloaded', `${refused} Try again, or raise --max-streams.`, { retryAfterMs: 2_000 });
      used++;
      held.set(client, (held.get(client) ?? 0) + 1);
      return () => {
        used--;
        const left = (held.get(client) ?? 1) - 1;
        if (left > 0) held.set(client, left);
        else held.delete(client);
      };
    },
  };
}
