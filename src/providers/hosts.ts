/** The host name of a base URL, in lower case; '' for what is no URL. */
export function hostnameOf(baseUrl: string): string {
  return URL.parse(baseUrl)?.hostname.toLowerCase() ?? '';
}

/** Whether `hostname` is one of `domains` or below it. */
export function isBelow(hostname: string, domains: readonly string[]): boolean {
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

/** A model server on this machine or in this network. */
export function isLocal(hostname: string): boolean {
  return (
    /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^\[::1\]$/.test(hostname) ||
    isBelow(hostname, ['localhost', 'local', 'internal'])
  );
}
