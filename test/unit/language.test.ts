import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Quaint phrases that keep coming back, and what to write instead (CONTRIBUTING.md asks for plain technical English). */
const quaint: [phrase: RegExp, instead: string][] = [
  [/\bleft alone\b/i, 'say what happens: skipped, on cooldown, unchanged'],
  [/\bleav(e|es|ing)\b[^.;:]{0,40}\balone\b/i, 'say what happens: skips, cools down, does not change'],
  [/\basked again\b/i, 'retried'],
  [/\bnobody knows\b/i, 'unknown'],
  [/\banew\b/i, 'again, from the start'],
  [/\bmend(s|ed|ing)?\b/i, 'fix, repair'],
  [/\baloud\b/i, 'log, warn, report'],
  [/\bwithout a word\b/i, 'say what is missing: an empty body, no error, silently'],
];

const root = path.join(import.meta.dirname, '../..');

/** Also the texts that package.json shows in VS Code. */
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'package.json'];

function filesIn(folder: string, endings: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.test(name))
    .map((name) => path.join(folder, name));
}

/** The line numbers and texts of the quaint phrases in `text`, also where one is broken over two lines of a comment. */
function quaintIn(text: string): string[] {
  const flat = text.replaceAll(/\n[ \t]*(?:\/\/|\*|>)?[ \t]*/g, (lineBreak) => ' '.padEnd(lineBreak.length));
  return quaint.flatMap(([phrase, instead]) =>
    [...flat.matchAll(new RegExp(phrase, 'gi'))].map((match) => {
      const line = text.slice(0, match.index).split('\n').length;
      return `${line}: "${match[0].replaceAll(/\s+/g, ' ')}" (instead: ${instead})`;
    }),
  );
}

describe('plain English', () => {
  const files = [...filesIn('src', /\.ts$/), ...filesIn('docs', /\.md$/), ...pages];

  it('finds quaint phrases, and no others', () => {
    expect(quaintIn('// The key is\n// left alone, and mended\n')).toHaveLength(2);
    expect(quaintIn('/**\n * It leaves the\n * target alone.\n */')).toHaveLength(1);
    expect(quaintIn('We recommend to amend it; a new one stands alone. Leave it here.')).toEqual([]);
    expect(files.length).toBeGreaterThan(200);
  });

  it('has no quaint phrases in code, docs and package.json', () => {
    const found = files.flatMap((file) =>
      quaintIn(readFileSync(path.join(root, file), 'utf8')).map((each) => `${file}:${each}`),
    );
    expect(found).toEqual([]);
  });
});
