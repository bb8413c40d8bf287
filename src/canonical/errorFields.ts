import type { JsonObject } from './request.ts';

/** Names of the fields that say what happened, as `fieldsByPlainName` spells them, the most specific first. */
export const messageNames = [
  'message', 'msg', 'faultstring', 'detail', 'errormessage', 'errormsg', 'errmsg', 'errordescription', 'description',
  'statusmessage', 'statusmsg', 'reason', 'title', 'error',
] as const; // prettier-ignore

/** More fields than this are an answer, not an error. */
const mostFields = 100;

/** An object's fields by lower-case names without separators: `errorMsg`, `error_msg` and `ErrorMsg` are one. */
export function fieldsByPlainName(object: JsonObject): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  let count = 0;
  for (const name in object) {
    if (++count > mostFields) break;
    const plain = name.toLowerCase().replaceAll(/[^a-z]/g, '');
    if (!fields.has(plain)) fields.set(plain, object[name]);
  }
  return fields;
}

/** Whether a `code` or `status` in a body means failure: a number that is no success, or any name but one of a success. */
export function isFailureCode(code: unknown): boolean {
  if (typeof code === 'number') return code !== 0 && code !== 200;
  return typeof code === 'string' && !/^(?:0+|200|20000|ok|success|succeeded|completed|)$/i.test(code);
}
