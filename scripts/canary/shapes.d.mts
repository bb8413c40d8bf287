export function newShapes(requests: readonly { body: object }[], recording: unknown): string[];
