/** Another gateway that gave no sign of life for so long is gone. Milliseconds. */
const goneMs = 10_000;

/** Which gateways there are. */
export function createPresence() {
  const seenAt = new Map<string, number>();
  return {
    seen: (gateway: string, nowMs: number): unknown => seenAt.set(gateway, nowMs),
    /** How many there are besides one. */
    others: (gateway: string): number => seenAt.size - Number(seenAt.has(gateway)),
    /** Those that are gone, once. */
    takeGone(nowMs: number): string[] {
      const gone = [...seenAt].filter(([, at]) => nowMs - at > goneMs).map(([gateway]) => gateway);
      for (const gateway of gone) seenAt.delete(gateway);
      return gone;
    },
  };
}
