import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** How a text may be written elsewhere: as it is, encoded for a URL or JSON, in hexadecimal digits, or as Base64 with any bytes around it. */
function formsOf(text: string): string[] {
  const inJson = JSON.stringify(text).slice(1, -1);
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
    // The first and the last digits depend on what is around it.
    const [from, to] = [Math.ceil((shift * 4) / 3), Math.floor((whole.length * 4) / 3)];
    return (['base64', 'base64url'] as const).map((name) => whole.toString(name).slice(from, to));
  });
  const escaped = [inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(text), encodeURI(text)];
  return [text, ...escaped, hex, hex.toUpperCase(), ...base64];
}

/** Longer nesting is not looked into. */
const mostLayers = 3;

const unpackers = [gunzipSync, inflateSync, inflateRawSync, brotliDecompressSync];

/** What is packed in some bytes as a whole, from a gzip header within them on, or as Base64. */
function contentsOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (const unpack of unpackers) found.push(...attempt(() => unpack(bytes, { maxOutputLength: 1 << 24 })));
  for (let at = bytes.indexOf('1f8b08', 'hex'); at >= 0; at = bytes.indexOf('1f8b08', at + 1, 'hex')) {
    const member = bytes.subarray(at);
    if (at > 0) found.push(...attempt(() => gunzipSync(member, { maxOutputLength: 1 << 24 })));
  }
  for (const [digits] of bytes.toString('latin1').matchAll(/[\w+/-]{40,}={0,2}/g))
    found.push(Buffer.from(digits, 'base64'));
  return found;
}

function attempt(unpack: () => Buffer): Buffer[] {
  try {
    return [unpack()];
  } catch {
    return [];
  }
}

/** Which of the planted texts are in some bytes, in any form, packed or not. */
export function plantedIn(bytes: Buffer | string, planted: readonly string[], layers = mostLayers): string[] {
  const all = Buffer.from(bytes);
  const text = all.toString('latin1');
  const found = planted.filter((each) =>
    formsOf(each).some((form) => text.includes(Buffer.from(form).toString('latin1'))),
  );
  if (layers === 0) return found;
  return [...new Set([...found, ...contentsOf(all).flatMap((inner) => plantedIn(inner, planted, layers - 1))])];
}
