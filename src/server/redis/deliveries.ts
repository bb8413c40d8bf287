/** How much of what a gateway told the others they know, and it of what they did before. Calls are numbered in their order. */
export type Deliveries = {
  tell(): void;
  /** The number of the last call that was told, and of the last one that all know. */
  told(): number;
  known(): number;
  /** A batch has all that was told until now. */
  sent(batch: string): void;
  heard(batch: string): void;
  /** Everything was read, with all that was sent. */
  read(): void;
};

export function createDeliveries(): Deliveries {
  const batches = new Map<string, number>();
  let [told, sent, known] = [0, 0, 0];
  return {
    tell: () => void told++,
    told: () => told,
    known: () => known,
    sent(batch) {
      // One that is sent again has no more than before.
      if (!batches.has(batch)) batches.set(batch, (sent = told));
    },
    heard(batch) {
      known = Math.max(known, batches.get(batch) ?? 0);
      batches.delete(batch);
    },
    read() {
      known = sent;
      batches.clear();
    },
  };
}
