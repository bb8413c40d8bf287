/**
 * False for text that a client or CCR sends in the user's role, so starts no turn. Codex 0.80 puts "Warning: apply_patch was
 * requested via shell. ..." as a user message between a tool call and its result (test/fixtures/codex/codex-0.80-chat.json);
 * CCR turns a system message in mid-conversation into a note where a provider does not accept one.
 */
export function isUsersOwn(text: string): boolean {
  return !text.startsWith('Warning: apply_patch was requested via') && !text.startsWith('A note from the system,');
}
