const head = /^data:([^;,]*)((?:;[^;,]*)*),/i;

/** The beginning of a URL, which holds its type. Characters. */
const longestHead = 300;

export type DataUrl = { type: string; parameters: string; data: string };

/** The parts of a data URL, as they are written. Undefined for any other text. */
export function splitDataUrl(url: string): DataUrl | undefined {
  const [found, type = '', parameters = ''] = head.exec(url.slice(0, longestHead)) ?? [];
  return found === undefined ? undefined : { type, parameters, data: url.slice(found.length) };
}
