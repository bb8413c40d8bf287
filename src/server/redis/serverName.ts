/** The server of a Redis URL for messages: without user, password and query. */
export function serverName(url: string): string {
  const { host, pathname } = URL.parse(url) ?? { host: 'an address that is no URL', pathname: '' };
  return `${host || 'localhost'}${pathname === '/' ? '' : pathname}`;
}
