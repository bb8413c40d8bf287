type Output = { write(chunk: Uint8Array | string): void };

export function createTurns(output: Output): () => Output & { end(): void };
