import { codeWord as englishCodeWord, type CodeTable } from '../../src/vscode/dashboard/codeWords.ts';
import { pageWords, type PageWord } from '../../src/vscode/dashboard/pageTexts.ts';

let translated: Readonly<Record<string, string>> = {};

export function useTexts(texts: Readonly<Record<string, string>>): void {
  translated = texts;
}

/** The text in the display language. */
export function word(key: PageWord, ...values: (string | number)[]): string {
  const text = translated[key] ?? pageWords[key];
  return text.replaceAll(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}

/** A code of a record, in words of the display language. */
export function codeWord(table: CodeTable, code: string): string {
  return translated[`${table}.${code}`] ?? englishCodeWord(table, code);
}
