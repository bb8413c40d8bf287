import { wording, type Wording } from '../canonical/wording.ts';
import { placeholderKey } from './placeholder.ts';
import type { JsonPath } from './problems.ts';

/** A parsed `.env` file; `label` is its name in messages. */
export type DotenvFile = { label: string; values: Record<string, string> };

export type VariableSources = {
  environment: NodeJS.ProcessEnv;
  /** In order of precedence, after the environment. */
  dotenvFiles: readonly DotenvFile[];
  /** For `${secret:NAME}`. */
  secrets: Record<string, string>;
};

/** A reference without a value, as written (`${NAME}`), and the reason. Never contains a value. */
export type MissingVariable = {
  path: JsonPath;
  reference: string;
  why: 'unset' | 'placeholder' | 'no-secret' | 'malformed' | { onlyIn: string };
};

export type Substituted = { value: unknown; missing: MissingVariable[] };

/**
 * Substitutes `${VAR}` and `${secret:NAME}` in the string values of a parsed file, and values that are just `$VAR`, as in
 * claude-code-router's files. Substituted text is not substituted again. A string with a reference that has no value is
 * dropped. Keys that start with `_` are comments.
 */
export function substituteVariables(value: unknown, sources: VariableSources): Substituted {
  const missing: MissingVariable[] = [];

  function visit(value: unknown, path: JsonPath): unknown {
    if (typeof value === 'string') return substituteText(value, path, sources, missing);
    if (Array.isArray(value)) {
      return value.map((item, index) => visit(item, [...path, index])).filter((item) => item !== undefined);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [
      key,
      key.startsWith('_') ? item : visit(item, [...path, key]),
    ]);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }

  return { value: visit(value, []), missing };
}

function substituteText(
  text: string,
  path: JsonPath,
  sources: VariableSources,
  missing: MissingVariable[],
): string | undefined {
  const whole = /^\$([A-Z_][A-Z0-9_]*)$/.exec(text);
  const written = whole ? `\${${whole[1]}}` : text;
  let complete = true;
  const substituted = written.replace(/\$\{([^}]*)\}/g, (reference, name: string) => {
    const found = lookUp(name.trim(), path, sources);
    if ('value' in found) return found.value;
    missing.push({ path, reference, why: found.why });
    complete = false;
    return '';
  });
  return complete ? substituted : undefined;
}

function lookUp(
  name: string,
  path: JsonPath,
  { environment, dotenvFiles, secrets }: VariableSources,
): { value: string } | { why: MissingVariable['why'] } {
  const secret = /^secret:(.+)$/.exec(name)?.[1]?.trim();
  if (secret !== undefined) {
    const value = Object.hasOwn(secrets, secret) ? secrets[secret] : undefined;
    return isSet(value) ? { value } : { why: 'no-secret' };
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return { why: 'malformed' };

  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (isSet(value)) return { value };
  for (const { label, values } of dotenvFiles) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (!isSet(value)) continue;
    return name.startsWith('CCR_') || isForbiddenInDotenv(path) ? { why: { onlyIn: label } } : { value };
  }
  return { why: value === placeholderKey ? 'placeholder' : 'unset' };
}

/** A gateway started in a terminal of CCR finds the placeholder in OPENAI_API_KEY, and must not use it as a key. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value !== placeholderKey;
}

/** A clause without a full stop, such as `${VAR} is not set`. */
export function describeMissing({ reference, why }: MissingVariable): Wording {
  if (typeof why === 'object')
    return wording('{0} is set only in {1}, and a .env file may not set this value', reference, why.onlyIn);
  switch (why) {
    case 'unset':
      return wording('{0} is not set', reference);
    case 'placeholder':
      return wording('{0} holds only the placeholder that CCR sets in its terminals', reference);
    case 'no-secret':
      return wording('{0} is not in the secret storage', reference);
    case 'malformed':
      return wording('{0} is neither ${NAME} nor ${secret:NAME}', reference);
    default:
      return why satisfies never;
  }
}

/**
 * A `.env` file may come with a cloned folder. It may set keys, but not where keys and prompts are sent, who may connect, or
 * where files are written.
 */
function isForbiddenInDotenv(path: JsonPath): boolean {
  const [first, second, third] = path;
  if (first === 'Providers') return third === 'api_base_url';
  if (first === 'Persistence') return second === 'redis_url';
  if (first === 'DebugCapture') return second === 'output_dir';
  return first === 'HOST' || first === 'PROXY_URL' || first === 'allowedHosts' || first === 'allowedOrigins';
}
