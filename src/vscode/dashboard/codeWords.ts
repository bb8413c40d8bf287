import { inEnglish, type Translate } from '../../canonical/wording.ts';
import type { ErrorKind } from '../../canonical/errors.ts';
import { own } from '../../canonical/json.ts';
import type { RequestClass } from '../../canonical/requestClass.ts';
import type { RouteReason } from '../../routing/route.ts';

// The codes in a request's record as people read them. Logs, headers and the API have the codes themselves.

/** What decided the target. */
const reason: Record<RouteReason, string> = {
  preset: 'preset in the URL',
  scope: "this window's choice",
  rule: 'rule of the config',
  direct: 'named by the client',
  mapping: 'model mapping',
  model: 'name of a model',
  route: 'name of a route',
  default: 'default route',
  'unknown-model': 'unknown model: default route',
  compaction: 'summary of the conversation',
  'web-search': 'needs a web search',
  image: 'has an image',
  'long-context': 'long conversation',
  think: 'asks for thinking',
  background: 'background request',
  'subagent-tag': "named in a subagent's prompt",
  budget: 'budget nearly used up',
};

/** What went wrong. */
const error: Record<ErrorKind | 'unknown', string> = {
  'invalid-request': 'invalid request',
  auth: 'API key refused',
  permission: 'not permitted',
  quota: 'quota used up',
  'not-found': 'not found',
  'too-large': 'too large',
  'context-length': 'too long for the model',
  unsupported: 'not supported',
  'rate-limited': 'rate limit',
  overloaded: 'overloaded',
  timeout: 'timeout',
  connection: 'no connection',
  upstream: 'fault of the provider',
  protocol: 'unreadable answer',
  empty: 'empty answer',
  stopped: 'stopped by a limit of the config',
  cancelled: 'cancelled',
  internal: 'fault of CCR',
  unknown: 'unknown',
};

/** What a request is for. */
const requestClass: Record<RequestClass, string> = {
  main: 'conversation',
  subagent: 'subagent',
  workflow: 'workflow',
  compaction: 'summary of the conversation',
  auxiliary: 'side task',
  side_reply: 'side answer',
};

export const codeWords = { reason, error, requestClass };

export type CodeTable = keyof typeof codeWords;

/** A newer gateway may have other codes, which are shown as they are. */
export function codeWord(table: CodeTable, code: string, t: Translate = inEnglish): string {
  const words: Record<string, string> = codeWords[table];
  const english = own(words, code);
  return english === undefined ? code : t(english);
}
