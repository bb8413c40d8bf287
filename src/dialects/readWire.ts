import type * as z from 'zod';
import { describeIssue } from '../canonical/describeIssue.ts';
import { GatewayError } from '../canonical/errors.ts';
import { quickRead, unread } from './quickRead.ts';

/**
 * Parses `value` with `schema`.
 * @throws GatewayError `invalid-request` whose message and `param` name the field, e.g. `messages[2].content`.
 */
export function readWire<T>(schema: z.ZodType<T>, value: unknown, path = ''): T {
  const quick = quickRead(schema, value);
  if (quick !== unread) return quick;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const param = (issue?.path ?? []).reduce<string>(joinPath, path) || undefined;
  throw invalid(param, issue ? describeIssue(issue) : 'not valid');
}

export function invalid(param: string | undefined, problem: string): GatewayError {
  return new GatewayError('invalid-request', `${param ?? 'The request body'}: ${problem}.`, { param });
}

function joinPath(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path ? `${path}.${String(key)}` : String(key);
}
