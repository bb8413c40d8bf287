import { inEnglish, type Translate } from '../canonical/wording.ts';

let translate = inEnglish;

/** Call once, with vscode.l10n.t: modules that know nothing of VS Code translate by it. */
export function useTranslation(next: Translate): void {
  translate = next;
}

/** The message in the display language. Its texts are found by a test, so it has to be a literal. */
export const t: Translate = (message, ...values) => translate(message, ...values);
