import { BlockList, isIP } from 'node:net';
import { own } from '../../canonical/json.ts';
import { isLoopbackHost } from '../../config/access.ts';
import { proxyWithScheme } from '../../config/secrets.ts';

/** A proxy, with its credentials in `url`. */
export type Proxy = {
  url: URL;
  /** Where it is configured, for errors. */
  setting: string;
};

export type ProxyOptions = {
  /** `PROXY_URL`; without it the environment's proxy settings apply. */
  proxyUrl?: string | undefined;
  environment: Record<string, string | undefined>;
};

/** The proxy for a URL; undefined for a direct connection. */
export type ProxyFinder = (url: URL) => Proxy | undefined;

const environmentSettings = "http_proxy and https_proxy in the environment, or VS Code's http.proxy";

/** @throws TypeError for a proxy that is not a URL; its message has no credentials. */
export function createProxyFinder({ proxyUrl, environment }: ProxyOptions): ProxyFinder {
  const read = (...names: string[]): string | undefined => names.map((name) => own(environment, name)).find(Boolean);
  const setting = proxyUrl ? 'PROXY_URL' : environmentSettings;
  const http = readProxy(proxyUrl || read('http_proxy', 'HTTP_PROXY'), setting);
  const https = readProxy(proxyUrl || read('https_proxy', 'HTTPS_PROXY'), setting) ?? http;
  const isExcluded = createExclusions(read('no_proxy', 'NO_PROXY') ?? '');
  return (url) => {
    const proxy = url.protocol === 'https:' ? https : http;
    return proxy && !isOwnMachine(url) && !isExcluded(url) ? proxy : undefined;
  };
}

const schemes = ['http:', 'https:', 'socks5:', 'socks5h:', 'socks:'];

function readProxy(text: string | undefined, setting: string): Proxy | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(proxyWithScheme(text));
  if (!url || url.hostname === '') throw new TypeError('its address is not a URL');
  if (!schemes.includes(url.protocol)) throw new TypeError(`its scheme ${url.protocol} is unknown`);
  return { url, setting };
}

/** How a proxy is named in errors: without its credentials. */
export function proxyName({ url }: Proxy): string {
  return `${url.protocol}//${url.host}`;
}

/** Local model servers are never behind a proxy. */
function isOwnMachine({ hostname }: URL): boolean {
  // Connecting to the unspecified address reaches this machine.
  return isLoopbackHost(hostname) || hostname === '0.0.0.0' || hostname === '[::]';
}

type Rule = (host: string, port: number) => boolean;

/**
 * Reads `NO_PROXY`: `host` (with its subdomains), `.host`, `*.host` (subdomains only), an address, a network such as
 * `10.0.0.0/8`, each with a `:port` if only that one is meant, `<local>` (names without a dot) and `*`.
 */
function createExclusions(text: string): (url: URL) => boolean {
  const rules = text
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map(readRule);
  return ({ protocol, hostname, port }) => {
    const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    const number = Number(port) || (protocol === 'https:' ? 443 : 80);
    return rules.some((rule) => rule(host, number));
  };
}

function readRule(entry: string): Rule {
  // An address of version 6 has colons of its own, so its port needs brackets.
  const [, bracketed, bare, digits] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const matches = readHost((bracketed ?? bare ?? entry).toLowerCase());
  const port = digits === undefined ? undefined : Number(digits);
  return (host, given) => (port === undefined || port === given) && matches(host);
}

function readHost(name: string): (host: string) => boolean {
  if (name === '*') return () => true;
  if (name === '<local>') return (host) => !host.includes('.') && isIP(host) === 0;
  const network = readNetwork(name);
  if (network) return (host) => isIP(host) !== 0 && network.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  const isSubdomain = (host: string): boolean => host.endsWith(`.${domain}`);
  return name.startsWith('*') ? isSubdomain : (host) => host === domain || isSubdomain(host);
}

/** An address, or a network in CIDR notation. */
function readNetwork(name: string): BlockList | undefined {
  const [address = '', bits] = name.split('/');
  const version = isIP(address);
  if (version === 0) return undefined;
  const longest = version === 6 ? 128 : 32;
  const length = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > longest) return undefined;
  const list = new BlockList();
  list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
  return list;
}
