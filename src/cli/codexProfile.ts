import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The keys that a profile decides at its top level. A profile is `$CODEX_HOME/<name>.config.toml`; what it says must not be
 * overruled by our `-c`s. Empty when it can't be read: then Codex itself says why.
 */
export function readProfileKeys(name: string, environment: NodeJS.ProcessEnv, homeDirectory: string): Set<string> {
  const folder = environment['CODEX_HOME'] || path.join(homeDirectory, '.codex');
  try {
    return topLevelKeys(readFileSync(path.join(folder, `${name}.config.toml`), 'utf8'));
  } catch {
    return new Set();
  }
}

/** Of TOML: what comes before the first `[table]`. */
export function topLevelKeys(toml: string): Set<string> {
  const [top = ''] = toml.split(/^\s*\[/m, 1);
  return new Set(Array.from(top.matchAll(/^\s*"?([\w-]+)"?\s*=/gm), ([, key]) => key ?? ''));
}
