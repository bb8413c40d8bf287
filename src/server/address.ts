/** What a URL asks for, without how it was written. */
export type Address = {
  /** Without prefixes and without `/v1`: `/responses`, `/models`, `/health`. */
  path: string;
  /** From `/preset/{name}/...`. */
  preset?: string;
  /** From `/w/{scope}/...`. */
  scope?: string;
  query: URLSearchParams;
};

/** Clients join base URLs in many ways: `//` is collapsed, a closing slash dropped, and `/v1` may be absent or doubled. */
export function readAddress(url: string): Address {
  const [rawPath = '/', rawQuery = ''] = url.split('?', 2);
  let path = rawPath.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  const address: Address = { path, query: new URLSearchParams(rawQuery) };
  const prefix = /^\/(preset|w)\/([^/]+)(?=\/|$)/.exec(path);
  if (prefix?.[1] && prefix[2]) {
    path = path.slice(prefix[0].length) || '/';
    address[prefix[1] === 'w' ? 'scope' : 'preset'] = decode(prefix[2]);
  }
  address.path = path.replace(/^(\/v1)+(?=\/|$)/, '') || '/';
  return address;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
