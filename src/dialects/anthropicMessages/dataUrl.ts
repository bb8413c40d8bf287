export type DataUrl = { mediaType: string; base64: string };

export function makeDataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`;
}

/** The content of a data URL. Undefined for any other URL. */
export function readDataUrl(url: string): DataUrl | undefined {
  if (!/^data:/i.test(url)) return undefined;
  const comma = url.indexOf(',');
  if (comma === -1) return undefined;
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  const data = url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  return { mediaType: mediaType.trim().toLowerCase() || 'text/plain', base64: isBase64 ? data : encode(data) };
}

function encode(percentEncoded: string): string {
  try {
    return Buffer.from(decodeURIComponent(percentEncoded)).toString('base64');
  } catch {
    return Buffer.from(percentEncoded).toString('base64');
  }
}

export function decodeBase64(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
