import type { Config } from './schema.ts';
import type { Problem } from './problems.ts';

/** Whether clients must show a token; `token` is undefined when one is required and the gateway has to make one up. */
export type Access = { required: false } | { required: true; token: string | undefined };

/** `CCR_TOKEN` (of the process's environment), then the file's `APIKEY`, then the setting `ccr.requireToken`. */
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

/** Why the gateway must not start on this host, if it must not: beyond loopback anybody could spend the user's keys. */
export function bindingProblem(host: string, access: Access): Problem | undefined {
  if (isLoopbackHost(host) || access.required) return undefined;
  return {
    severity: 'error',
    path: 'HOST',
    message: `CCR does not listen on ${host} without a token: whoever reaches it could spend your keys. Set CCR_TOKEN or APIKEY, or listen on 127.0.0.1.`,
  };
}

/** Whether a host name or address, with or without brackets, is this machine and nothing else. */
export function isLoopbackHost(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .replace(/^::ffff:/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  const octets = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name);
  return octets !== null && octets.slice(1).every((octet) => Number(octet) <= 255);
}
