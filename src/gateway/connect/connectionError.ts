import { GatewayError } from '../../canonical/errors.ts';
import { own } from '../../canonical/json.ts';
import { redact } from '../../canonical/providerError.ts';
import { proxyName, type Proxy } from './proxyRules.ts';

/** What an error code of undici or Node means, and what to check. `{check}` is what is to be checked besides. */
const problems: Record<string, string> = {
  ECONNREFUSED: 'refused the connection. Is it running, and is the port right?{check}',
  ENOTFOUND: 'has no known address. Check the URL and the network.{check}',
  EAI_AGAIN: 'could not be looked up. Check the network.{check}',
  ETIMEDOUT: 'did not answer in time. Check the network.{check}',
  EHOSTUNREACH: 'is unreachable. Check the network.{check}',
  ENETUNREACH: 'is unreachable. Check the network.{check}',
  ECONNRESET: 'closed the connection.{check}',
  EPIPE: 'closed the connection.{check}',
  UND_ERR_SOCKET: 'closed the connection.{check}',
  CCR_CLOSED: 'closed the connection.{check}',
  EPROTO: 'does not speak TLS there. Check http or https in the URL.{check}',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'has a self-signed certificate. Add its authority to the system store or NODE_EXTRA_CA_CERTS.',
  SELF_SIGNED_CERT_IN_CHAIN:
    'has a certificate from an unknown authority. Add it to the system store or NODE_EXTRA_CA_CERTS.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'has a certificate from an unknown authority. Add it to the system store or NODE_EXTRA_CA_CERTS.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate that cannot be verified. Add its authority to the system store.',
  CERT_HAS_EXPIRED: 'has an expired certificate. Check the clock of this machine.',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet. Check the clock of this machine.',
  CERT_REVOKED: 'has a certificate that was revoked.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name. Check the host in the URL.{check}',
  UND_ERR_HEADERS_OVERFLOW: 'sent headers of more than 16 KiB, which CCR does not read.',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'stated another length of its answer than it sent.',
  ERR_ASSERTION: 'sent a status that HTTP/1.1 does not have. Check the URL and its port.{check}',
};

/** For example a key with a line break, or a header that only the HTTP client may set. */
const badHeaderCodes = ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'];

/** The error of a peer that can't be reached or has closed the connection. `setting`: where its address is configured. */
export function connectionError(peer: string, thrown: unknown, setting?: string): GatewayError {
  const code = errorCode(thrown);
  if (badHeaderCodes.includes(code)) {
    const why = thrown instanceof Error ? thrown.message : code;
    const message = `${peer} can't be sent this request (${why}). Check api_key, auth_header and extra_headers.`;
    return new GatewayError('auth', message, { code, cause: thrown });
  }
  const check = setting === undefined ? '' : ` Check ${setting}.`;
  const problem =
    own(problems, code) ??
    notHttp(thrown) ??
    (code.startsWith('ERR_SSL_')
      ? `did not complete the TLS handshake (${code}). Check https in the URL.{check}`
      : undefined) ??
    `could not be reached (${code || redact(String(thrown))}).{check}`;
  return new GatewayError('connection', `${peer} ${problem.replace('{check}', check)}`, { code, cause: thrown });
}

/** What a server that does not speak HTTP/1.1 sent, in the words of undici's parser. */
function notHttp(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'HTTPParserError') return undefined;
  const [, why = ''] = /\(([^()]{1,100})\)$/.exec(thrown.message) ?? [];
  return `sent something that is not HTTP/1.1${why && ` (${why})`}. Check the URL and its port.{check}`;
}

/** The error of a proxy; the provider and its key are not at fault. */
export function proxyError(proxy: Proxy, what: string, remedy = `Check ${proxy.setting}.`): GatewayError {
  return new GatewayError('connection', `The proxy ${proxyName(proxy)} ${what} ${remedy}`);
}

/** The error of a proxy that answered something else than that the connection to `target` is open. */
export function proxyRefusal(
  proxy: Proxy,
  target: string,
  status: number,
  headers: Record<string, string | string[] | undefined>,
): GatewayError {
  const said = `(HTTP ${status})`;
  switch (status) {
    case 407:
      return wantsCredentials(proxy, String(headers['proxy-authenticate'] ?? ''), said);
    case 403:
      return proxyError(proxy, `does not allow connections to ${target} ${said}.`, 'Ask its administrator.');
    case 502:
    case 503:
    case 504:
      return proxyError(
        proxy,
        `could not reach ${target} ${said}.`,
        `Check the URL of the provider and ${proxy.setting}.`,
      );
    default:
      return proxyError(proxy, `did not open a connection to ${target} ${said}.`);
  }
}

function wantsCredentials(proxy: Proxy, offered: string, said: string): GatewayError {
  const [scheme = ''] = /^[\w-]+/.exec(offered) ?? [];
  if (scheme !== '' && !/\bbasic\b/i.test(offered))
    return proxyError(proxy, `wants ${scheme} authentication ${said}, which CCR does not have.`, 'CCR has only Basic.');
  const form = `${proxy.url.protocol}//USER:PASSWORD@${proxy.url.host}`;
  if (proxy.url.username === '')
    return proxyError(proxy, `wants a user name and a password ${said}.`, `Write them in ${proxy.setting}: ${form}.`);
  return proxyError(proxy, `does not accept the user name and password ${said}.`, `Correct them in ${proxy.setting}.`);
}

/** The code of an error, or of the first error in an AggregateError (several addresses were tried). */
function errorCode(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if ('errors' in thrown && Array.isArray(thrown.errors)) return errorCode(thrown.errors[0]);
  return 'cause' in thrown ? errorCode(thrown.cause) : '';
}
