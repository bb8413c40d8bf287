import { sharedScope } from './sharedScope.ts';

/** An entry of the setting `claudeCode.environmentVariables` of Claude Code's VS Code extension. */
export type ClaudeVariable = { name: string; value: string };

/** What an undo needs: the user's entries that ours replaced, in their order. */
export type ClaudeEdit = { replaced: ClaudeVariable[]; wasSet: boolean };

/** The variables that make Claude Code use the gateway. `token`: the gateway's, or the placeholder. */
export function claudeGatewayVariables(url: string, token: string): ClaudeVariable[] {
  return [
    { name: 'ANTHROPIC_BASE_URL', value: `${url}/w/${sharedScope}` },
    { name: 'ANTHROPIC_AUTH_TOKEN', value: token },
    { name: 'CLAUDE_CODE_GATEWAY_HINT_HEADERS', value: '1' },
    { name: 'CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY', value: '1' },
  ];
}

/** The setting with our variables, which replace entries of the same names. `before`: undefined when it was not set. */
export function withClaudeVariables(
  before: readonly ClaudeVariable[] | undefined,
  ours: readonly ClaudeVariable[],
): { after: ClaudeVariable[]; edit: ClaudeEdit } {
  const names = new Set(ours.map(({ name }) => name));
  const others = (before ?? []).filter(({ name }) => !names.has(name));
  const replaced = (before ?? []).filter(({ name }) => names.has(name));
  return { after: [...others, ...ours], edit: { replaced, wasSet: before !== undefined } };
}

/** The setting without our variables and with what they replaced. Undefined: as before, it is not set. */
export function withoutClaudeVariables(
  now: readonly ClaudeVariable[] | undefined,
  ours: readonly ClaudeVariable[],
  edit: ClaudeEdit | undefined,
): ClaudeVariable[] | undefined {
  if (now === undefined) return undefined;
  const names = new Set(ours.map(({ name }) => name));
  const after = [...now.filter(({ name }) => !names.has(name)), ...(edit?.replaced ?? [])];
  return after.length === 0 && !edit?.wasSet ? undefined : after;
}
