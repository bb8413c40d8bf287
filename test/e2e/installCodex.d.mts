/** Installs that version if needed and returns the path of its codex.js. */
export function installCodex(version?: string): Promise<string>;
/** Installs that version if needed and returns the path of its program. */
export function installClaudeCode(version?: string): Promise<string>;
