import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Quaint phrases that keep coming back, and what to write instead (CONTRIBUTING.md asks for plain technical English). */
const quaint: [phrase: RegExp, instead: string][] = [
  [/\bleft alone\b/i, 'say what happens: skipped, on cooldown, unchanged'],
  [/\bleav(e|es|ing)\b[^.;:]{0,40}\balone\b/i, 'say what happens: skips, cools down, does not change'],
  [/\b(?:asked|asks? [^.;:]{0,20}) ?again\b/i, 'retried, retries'],
  [/\bwithout means\b/i, 'without credit'],
  [/\bgoes on with\b/i, 'continues with'],
  [/\ball the same\b(?! \w)/i, 'anyway'],
  // `'nobody'` is what listens on a free port (control/client.ts).
  [/(?<!')\b(?:no|some)body\b(?!')/i, 'name who, or use the passive: unknown, not read, not edited'],
  [/\banew\b/i, 'again, from the start'],
  [/\bmend(s|ed|ing)?\b/i, 'fix, repair'],
  [/\baloud\b/i, 'log, warn, report'],
  [/\bfor ever\b/i, 'forever'],
  [/\bfirst thing first\b/i, 'in the order in which to fix them'],
  [/\bby-work\b/i, 'code that is not what the product is about'],
  [/\bthe house\b(?! style)/i, 'the project, the architecture'],
  [/\bwhat\b[^.;:]{0,30}\b(?:is|are) made of\b/i, 'name the parts: packages, files, fields'],
  [/\b(?:has|have) come\b/i, 'has arrived, was received'],
  [/(?<!there )\b(?:is|are) no (?:json|object|failure|fault|part|end|text|list|call|answer)\b/i, 'is not ...'],
  [/\bno \w+ (?:is|was) asked\b/i, 'nothing is sent to a provider'],
  [/\b(?:thereof|whence|whither|lest|herein|betwixt|nought|aught)\b/i, 'so, from which, or nothing'],
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

/** The titles of tests in `text`, each on its line, and nothing else. */
function titlesIn(text: string): string {
  const title = /\b(?:it|test|describe)(?:\.\w+)*(?:\([^()\n]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g;
  const lines = text.split('\n').map(() => '');
  for (const match of text.matchAll(title)) lines[text.slice(0, match.index).split('\n').length - 1] = match[2] ?? '';
  return lines.join('\n');
}

describe('plain English', () => {
  const files = [...filesIn('src', /\.ts$/), ...filesIn('docs', /\.md$/), ...pages];

  it('finds quaint phrases, and no others', () => {
    expect(quaintIn('// The key is\n// left alone, and mended\n')).toHaveLength(2);
    expect(quaintIn('/**\n * It leaves the\n * target alone.\n */')).toHaveLength(1);
    expect(quaintIn('We recommend to amend it; a new one stands alone. Leave it here.')).toEqual([]);
    expect(files.length).toBeGreaterThan(200);
  });

  it('has no quaint phrases in the titles of tests', () => {
    const found = filesIn('test', /\.test\.ts$/)
      .filter((file) => !file.endsWith('language.test.ts'))
      .flatMap((file) =>
        quaintIn(titlesIn(readFileSync(path.join(root, file), 'utf8'))).map((each) => `${file}:${each}`),
      );
    expect(found).toEqual([]);
    expect(titlesIn("x();\nit('is one', () => {\n  it.each([1])('of %i', () => {\n")).toBe('\nis one\nof %i\n');
  });

  it('has no quaint phrases in code, docs and package.json', () => {
    const found = files.flatMap((file) =>
      quaintIn(readFileSync(path.join(root, file), 'utf8')).map((each) => `${file}:${each}`),
    );
    expect(found).toEqual([]);
  });

  it('has no conflict of a merge, also where a formatter took it for Markdown', () => {
    const conflict = /^ *(?:<{7}|(?:>\s?){7}) \S/m;
    expect(conflict.test(`  ${'<'.repeat(7)} HEAD`) && conflict.test(`${'> '.repeat(7)}w/1`)).toBe(true);
    expect(files.filter((file) => conflict.test(readFileSync(path.join(root, file), 'utf8')))).toEqual([]);
  });
});
