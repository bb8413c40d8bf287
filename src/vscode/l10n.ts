/** Translates a message; `{0}` stands for the first value. */
export type Translate = (message: string, ...values: (string | number)[]) => string;

/** Without a translation: for tests, and for a display language that has none. */
export const inEnglish: Translate = (message, ...values) =>
  message.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));

let translate = inEnglish;

/** Call once, with vscode.l10n.t: modules that know nothing of VS Code translate by it. */
export function useTranslation(next: Translate): void {
  translate = next;
}

/** The message in the display language. Its texts are found by a test, so it has to be a literal. */
export const t: Translate = (message, ...values) => translate(message, ...values);
