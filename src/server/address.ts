/** The parts of a request's URL, normalized. */
export type Address = {
  /** Without prefixes and `/v1`: `/responses`, `/models`, `/health`. */
  path: string;
  /** From `/preset/{name}/...`. */
  preset?: string;
  /** From `/w/{scope}/...`. A URL may have both, so that a balancer can put a scope before any URL. */
  scope?: string;
  query: URLSearchParams;
  /** The host that the URL itself names, as in a request to a proxy. */
  host?: string;
};

const absolute = /^https?:\/\/([^/?#]*)(?=[/?#]|$)/i;

/** As clients are told to ask: nothing is to be normalized. */
const usualPath = /^\/v1(\/[a-z_]+(?:\/[a-z_]+)?)$/;

/** Collapses `//`, drops a trailing slash and accepts a missing or doubled `/v1`, since clients join base URLs differently. */
export function readAddress(url: string): Address {
  const usual = usualPath.exec(url)?.[1];
  if (usual !== undefined) return { path: usual, query: new URLSearchParams() };
  const [authority, host] = url.startsWith('/') ? [] : (absolute.exec(url) ?? []);
  const [rawPath = '', rawQuery = ''] = url.slice(authority?.length ?? 0).split('?', 2);
  let path = (rawPath || '/').replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  const address: Address = { path, query: new URLSearchParams(rawQuery), ...(host !== undefined && { host }) };
  for (;;) {
    const [prefix = '', kind, name] = /^\/(preset|w)\/([^/]+)(?=\/|$)/.exec(path) ?? [];
    const field = kind === 'w' ? 'scope' : 'preset';
    if (name === undefined || address[field] !== undefined) break;
    address[field] = decode(name);
    path = path.slice(prefix.length) || '/';
  }
  address.path = path.replace(/^(\/v1)+(?=\/|$)/, '') || '/';
  return address;
}

/** The text itself if its percent-encoding is invalid. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
