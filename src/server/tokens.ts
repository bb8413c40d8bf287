import { randomBytes } from 'node:crypto';
import { isLoopbackHost, type Access } from '../config/access.ts';

/** The secrets of a running gateway. */
export type Tokens = {
  /** What clients must show by the config as it is now; undefined when nothing is required. */
  client(): string | undefined;
  /** The run file's, for the control API. */
  control: string;
};

export type TokensParts = {
  access(): Access;
  boundHost: string;
  /** For a config that requires a token and names none: so that terminals outlive a restart. Made up unless given. */
  given: string | undefined;
};

export function createTokens({ access, boundHost, given }: TokensParts): Tokens {
  const fresh = (): string => randomBytes(32).toString('base64url');
  const unnamed = given ?? fresh();
  let last: string | undefined;

  function client(): string | undefined {
    const now = access();
    if (now.required) last = now.token ?? unnamed;
    // Beyond loopback a config that names no token any more must not open the gateway to everybody.
    else if (isLoopbackHost(boundHost)) last = undefined;
    return last;
  }

  client();
  return { client, control: fresh() };
}
