import { createSealer, isSealed, sealKeyBytes, type Opener, type Sealer } from '../reasoning/sealer.ts';

/** Seals what captures hold, so that they can be read on another machine. Its key is no secret. */
export function captureSealer(): Sealer {
  let nonce = 0;
  return createSealer(new Uint8Array(sealKeyBytes), (size) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32BE(++nonce, size - 4);
    return bytes;
  });
}

/** Seals under the captures' key what was sealed under the user's. `edit` gets the text in between. */
export function reseal(opener: Opener): (text: string, edit: (text: string) => string) => string {
  const sealer = captureSealer();
  return (text, edit) => {
    if (!isSealed(text)) return text;
    for (const kind of ['reasoning', 'summary'] as const) {
      const opened = opener.open(kind, text);
      if (opened !== undefined) return sealer.seal(kind, edit(opened));
    }
    return text;
  };
}
