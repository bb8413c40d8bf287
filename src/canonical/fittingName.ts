/** Which names a provider takes, of tools or of parameters. */
export type NameRule = {
  /** What it matches; its first character may have a rule of its own. */
  pattern: RegExp;
  /** Of the longest name, in characters. */
  length: number;
};

/** Prefixes for a name whose first character is refused. Some providers want a letter there. */
const prefixes = ['', '_', 'tool_'];

/** More tools than a request can have. */
const maxNumber = 100_000;

/**
 * A name that `rule` allows: `wanted` with other characters replaced, and a number where `isTaken`. The same arguments give
 * the same name, so that it stays the same through a conversation.
 */
export function fittingName(wanted: string, rule: NameRule, isTaken: (name: string) => boolean): string {
  const { length } = rule;
  const bare = rule.pattern.test(wanted) ? wanted : withPrefix(plainName(wanted), rule);
  const name = bare.slice(0, length);
  if (!isTaken(name)) return name;
  for (let number = 2; number <= maxNumber; number++) {
    const suffix = `_${number}`;
    const numbered = name.slice(0, length - suffix.length) + suffix;
    if (!isTaken(numbered)) return numbered;
  }
  throw new Error(`Every number after the name "${name}" is taken.`);
}

/** Letters without their accents; an underscore for what is neither a letter nor a digit. */
function plainName(wanted: string): string {
  return wanted
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}

function withPrefix(name: string, { pattern, length }: NameRule): string {
  const candidates = prefixes.map((prefix) => (prefix + name).slice(0, length));
  return candidates.find((candidate) => pattern.test(candidate)) ?? name;
}
