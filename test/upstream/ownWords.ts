/**
 * False for what a client says in the user's name. Codex 0.80 puts "Warning: apply_patch was requested via shell. ..." as
 * a user message between a tool call and its result (test/fixtures/codex/codex-0.80-chat.json); it starts no new turn.
 */
export function isUsersOwn(text: string): boolean {
  return !text.startsWith('Warning: apply_patch was requested via');
}
