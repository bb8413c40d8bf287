import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../canonical/json.ts';
import { sharedScope } from './sharedScope.ts';

/** An entry of the setting `claudeCode.environmentVariables` of Claude Code's VS Code extension. */
export type ClaudeVariable = { name: string; value: string };

/** What an undo needs. The setting is the user's, and may hold anything; undefined: it was not set. */
export type ClaudeEdit = { before: unknown; after: unknown[]; ours: ClaudeVariable[] };

/** The variables that make Claude Code use the gateway. `token`: the gateway's, or the placeholder. */
export function claudeGatewayVariables(url: string, token: string): ClaudeVariable[] {
  return [
    { name: 'ANTHROPIC_BASE_URL', value: `${url}/w/${sharedScope}` },
    { name: 'ANTHROPIC_AUTH_TOKEN', value: token },
    { name: 'CLAUDE_CODE_GATEWAY_HINT_HEADERS', value: '1' },
    { name: 'CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY', value: '1' },
  ];
}

/** The setting with our variables, which replace entries of the same names. */
export function withClaudeVariables(before: unknown, ours: ClaudeVariable[]): ClaudeEdit {
  const others = listOf(before).filter((entry) => !ours.some(({ name }) => name === nameOf(entry)));
  return { before, after: [...others, ...ours], ours };
}

/** The setting as it was, with what was edited since: also a variable of ours that was given another value. Undefined: not set. */
export function withoutClaudeVariables(now: unknown, { before, after, ours }: ClaudeEdit): unknown {
  if (now === undefined || isDeepStrictEqual(now, after)) return now === undefined ? undefined : before;
  const kept = listOf(now).filter((entry) => !ours.some((own) => isDeepStrictEqual(own, entry)));
  const isKept = (entry: unknown): boolean => kept.some((each) => nameOf(each) === nameOf(entry));
  const replaced = listOf(before).filter((entry) => ours.some(({ name }) => name === nameOf(entry)) && !isKept(entry));
  const rest = [...kept, ...replaced];
  return rest.length === 0 ? before : rest;
}

function listOf(setting: unknown): unknown[] {
  return Array.isArray(setting) ? setting : [];
}

function nameOf(entry: unknown): unknown {
  return isObject(entry) ? entry['name'] : undefined;
}
