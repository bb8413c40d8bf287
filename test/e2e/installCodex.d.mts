/** Installs that Codex into .cache/clients unless it is there, and gives the path of its codex.js. */
export function installCodex(version?: string): Promise<string>;
