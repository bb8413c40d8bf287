/** Installs that version if needed and returns the path of its codex.js. Default: the oldest of the tests, 0.80.0. */
export function installCodex(version?: string): Promise<string>;
/** Installs that version if needed and returns the path of its program. */
export function installClaudeCode(version?: string): Promise<string>;
/** Installs the Vercel AI SDK with its providers if needed and returns their node_modules. */
export function installAiSdk(): Promise<string>;
/** Installs that version of a package if needed and returns its node_modules. */
export function installPackage(name: string, version: string): Promise<string>;
export function installOpenCode(version?: string): Promise<string>;
/** Oldest and newest. */
export const testedVersions: Record<'codex' | 'claude', string[]>;
