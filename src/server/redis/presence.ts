/** Another gateway that gave no sign of life for so long is gone. Milliseconds. */
const goneMs = 10_000;

/** Which gateways there are. */
export function createPresence() {
  const seenAt = new Map<string, number>();
  return {
    /** @returns whether it is new */
    seen(gateway: string, nowMs: number): boolean {
      const isNew = !seenAt.has(gateway);
      seenAt.set(gateway, nowMs);
      return isNew;
    },
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
