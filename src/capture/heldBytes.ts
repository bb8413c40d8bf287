/** How much memory copies may use together. */
export type HeldBytes = {
  /** Returns false if there is no room: then nothing was taken. */
  take(bytes: number): boolean;
  /** What one request has taken. */
  taken(): number;
  release(): void;
};

/** A budget that requests share: `open` begins the account of one. Bytes. */
export function createHeldBytes(most: number): { open(): HeldBytes; held(): number } {
  let held = 0;
  return {
    held: () => held,
    open() {
      let taken = 0;
      return {
        take(bytes) {
          if (held + bytes > most) return false;
          held += bytes;
          taken += bytes;
          return true;
        },
        taken: () => taken,
        release() {
          held -= taken;
          taken = 0;
        },
      };
    },
  };
}
