// The texts that people read in VS Code, found in the source.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { codeWords } from '../../../src/vscode/dashboard/codeWords.ts';
import { pageWords } from '../../../src/vscode/dashboard/pageTexts.ts';

const source = path.join(import.meta.dirname, '../../../src');
const folder = path.join(source, 'vscode');

/** What has wordings for windows, beside src/vscode itself. */
const below = ['config', 'control', 'doctor', 'gateway', 'providers', 'routing', 'server'];

const literal = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\`(?:[^\`\\]|\\.)*\``;

/** The code of each file of a folder, without comments and imports. */
function sources(folder: string): { file: string; code: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((file) => ({
      file,
      code: readFileSync(path.join(folder, file), 'utf8')
        .replaceAll(/\/\*[^]*?\*\//g, '')
        .replaceAll(/^\s*\/\/.*$|\s\/\/ .*$/gm, '')
        .replaceAll(/^import [^;]*;$/gm, ''),
    }));
}

/** Every message that is translated, once. */
export function translatedMessages(): string[] {
  const call = new RegExp(String.raw`\b(?:t|wording)\(\s*(${literal})`, 'g');
  const found = [folder, ...below.map((name) => path.join(source, name))]
    .flatMap(sources)
    .flatMap(({ code }) => [...code.matchAll(call)].map(([, text = '']) => evaluate(text)));
  return [
    ...new Set([
      ...found,
      ...Object.values(pageWords),
      ...Object.values(codeWords).flatMap((table) => Object.values(table)),
    ]),
  ].toSorted();
}

/** Files whose texts are not for translation, or are translated elsewhere. */
const exempt = new Set([
  'configTemplate.ts', // the comments of a new config file
  path.join('dashboard', 'pageTexts.ts'), // pageWords
  path.join('dashboard', 'codeWords.ts'),
]);
/** Of a log line and a header. */
const exemptTexts = [
  "'This window runs'",
  "'This window is attached to'",
  '`it did not answer: ${failure}`',
  '`Bearer ${token}`',
];

/** Texts of several words that are not translated, with their files. */
export function untranslatedTexts(): string[] {
  const any = new RegExp(
    String.raw`(\b(?:t|wording)\(\s*|\b(?:log|logFailure|parts\.log)(?:\.\w+)?\(\s*)?(${literal})`,
    'g',
  );
  return sources(folder)
    .filter(({ file }) => !exempt.has(file))
    .flatMap(({ file, code }) =>
      [...code.matchAll(any)]
        .filter(
          ([, call, text = '']) => call === undefined && !exemptTexts.includes(text) && hasWords(text.slice(1, -1)),
        )
        .map(([, , text]) => `${file}: ${text}`),
    );
}

/** A capital followed by a further word, or three words. */
function hasWords(text: string): boolean {
  const words = text.replaceAll(/\$\{.*\}/g, '•'); // what is put in is looked at by itself
  return /^[A-Z][a-z']+ [a-z•]/.test(words) || /(?:^|[ •])[a-z']{2,} [a-z']+ [a-z']{2,}/.test(words);
}

function evaluate(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}
