import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

const folder = new URL('../../fixtures/matrix/golden/', import.meta.url);

/** What a client received on one path. */
export type Output = { path: string; text: string };

/** One file per case, client and form: each text once, below the paths that led to it. */
export function goldenText(outputs: readonly Output[]): string {
  const paths = new Map<string, string[]>();
  for (const { path, text } of outputs) paths.set(text, [...(paths.get(text) ?? []), path]);
  return [...paths].map(([text, names]) => `#### ${names.join(' | ')}\n${text.trimEnd()}\n`).join('\n');
}

export function readGolden(name: string): string | undefined {
  const file = new URL(name, folder);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Only with `UPDATE=1`. Review the result before committing it: a wrong golden is worse than none. */
export function writeGolden(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(name, folder), text);
}

export function goldenNames(): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
