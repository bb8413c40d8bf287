import { randomBytes } from 'node:crypto';
import { isLoopbackHost, type Access } from '../config/access.ts';

/** The secrets of a running gateway. */
export type Tokens = {
  /** What clients must send under the current config; undefined if nothing is required. */
  client(): string | undefined;
  /** For the control API; written to the run file. */
  control: string;
};

export type TokensParts = {
  access(): Access;
  boundHost: string;
  /**
   * The client token if the config requires one without naming it, so that terminals opened before a restart keep working.
   * Random if undefined.
   */
  given: string | undefined;
};

export function createTokens({ access, boundHost, given }: TokensParts): Tokens {
  const createToken = (): string => randomBytes(32).toString('base64url');
  const unnamedToken = given ?? createToken();
  let last: string | undefined;

  function client(): string | undefined {
    const now = access();
    if (now.required) last = now.token ?? unnamedToken;
    // Beyond loopback, keep the last token if the config no longer requires one: it must not open the gateway to everyone.
    else if (isLoopbackHost(boundHost)) last = undefined;
    return last;
  }

  client();
  return { client, control: createToken() };
}
