import type { Link, Media } from './events.ts';

/** A sound or an image in words, for a client whose API has no place for it in an answer. */
export function describeMedia({ kind, url, transcript }: Media): string {
  if (transcript) return transcript;
  if (url !== undefined && /^https?:/i.test(url)) return kind === 'image' ? `![image](<${url}>)` : `[audio](<${url}>)`;
  const data = url === undefined ? undefined : readBase64Url(url);
  const details = data ? ` (${data.mediaType}, ${Math.ceil((data.base64.length * 3) / 4 / 1024)} KiB)` : '';
  return `[${kind}${details} omitted: this API has no place for it in an answer]`;
}

/** The parts of a base64 data URL. */
export function readBase64Url(url: string): { mediaType: string; base64: string } | undefined {
  const [head = ''] = /^data:[^,]{0,200};base64,/i.exec(url) ?? [];
  if (head === '') return undefined;
  return { mediaType: head.slice('data:'.length).split(';')[0] ?? '', base64: url.slice(head.length) };
}

/** Longer lists are cut: search answers have about ten sources. */
const maxSources = 100;

/**
 * The links as text, for an API whose own citations need what only its provider has. The numbers are those of the provider's
 * list, since its text may refer to them ("[1]").
 */
export function listSources(links: readonly Link[]): string {
  const titles = new Map<string, string>();
  for (const { url, title = '' } of links) if (title || !titles.has(url)) titles.set(url, title);
  const lines = [...titles].slice(0, maxSources).map(([url, title], index) => {
    const name = title.replace(/\s+/g, ' ').trim().slice(0, 200);
    return `${index + 1}. ${name === '' || name === url ? '' : `${name}: `}${url.replace(/\s/g, '%20').slice(0, 2000)}`;
  });
  return lines.length === 0 ? '' : `Sources:\n${lines.join('\n')}`;
}
