import { BlockList, isIP } from 'node:net';
import type { Config } from './schema.ts';
import { worded, wording } from '../canonical/wording.ts';
import type { Problem } from './problems.ts';

/** Whether clients must send a token. `token` is undefined if one is required and the gateway has to generate it. */
export type Access = { required: false } | { required: true; token: string | undefined };

/** In this order: `CCR_TOKEN` (from the environment only), `APIKEY` in the file, the setting `ccr.requireToken`. */
export function accessOf(
  config: Pick<Config, 'APIKEY'>,
  environment: NodeJS.ProcessEnv,
  requireToken: boolean | undefined,
): Access {
  const token = [environment['CCR_TOKEN'], config.APIKEY].find(
    (candidate) => candidate !== undefined && candidate !== '',
  );
  return token !== undefined || requireToken === true ? { required: true, token } : { required: false };
}

/** Among the problems of a config that is loaded. */
export function isUnsafeHost({ code }: Problem): boolean {
  return code === 'unsafe-host';
}

/** The problem if the gateway must not listen on this host: beyond loopback it needs a token, or anyone could use the keys. */
export function bindingProblem(host: string, access: Access): Problem | undefined {
  if (isLoopbackHost(host) || access.required) return undefined;
  return {
    severity: 'error',
    code: 'unsafe-host',
    path: 'HOST',
    ...worded(
      wording(
        'CCR does not listen on {0} without a token, since anyone who can reach it could use your keys. Set CCR_TOKEN or APIKEY, or set HOST to 127.0.0.1.',
        host,
      ),
    ),
  };
}

/** Covers the addresses of version 4 that are written as ones of version 6, too. */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host name or address, with or without brackets, can only be this machine. */
export function isLoopbackHost(host: string): boolean {
  // Nearly all requests name one of these.
  if (host === '127.0.0.1' || host === 'localhost') return true;
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const version = isIP(name);
  return version !== 0 && loopback.check(name, version === 6 ? 'ipv6' : 'ipv4');
}
