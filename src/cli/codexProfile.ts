import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, TomlDate, type TomlValue } from 'smol-toml';

/**
 * The top-level keys that a Codex profile (`$CODEX_HOME/<name>.config.toml`) sets. Our `-c` options must not override
 * them. Empty when the profile can't be read or is not valid TOML: Codex itself then reports why.
 */
export function readProfileKeys(name: string, environment: NodeJS.ProcessEnv, homeDirectory: string): Set<string> {
  const folder = environment['CODEX_HOME'] || path.join(homeDirectory, '.codex');
  try {
    return topLevelKeys(readFileSync(path.join(folder, `${name}.config.toml`), 'utf8'));
  } catch {
    return new Set();
  }
}

/**
 * The keys that hold a value. Tables are left out: they add to what `-c` sets and do not replace it.
 * @throws when the text is not valid TOML
 */
export function topLevelKeys(toml: string): Set<string> {
  return new Set(
    Object.entries(parse(toml, { integersAsBigInt: 'asNeeded' })).flatMap(([key, value]) =>
      isTable(value) ? [] : [key],
    ),
  );
}

function isTable(value: TomlValue): boolean {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate);
}
