/** Translates a message; `{0}` stands for the first value. */
export type Translate = (message: string, ...values: (string | number)[]) => string;

/** Without a translation: for logs, the command line and tests. */
export const inEnglish: Translate = (message, ...values) =>
  message.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));

/**
 * A message that is not put together yet, so that a window can show it in its own language, also when another process wrote it.
 * It is JSON. `text` is the English message, with `{0}` for the first value.
 */
export type Wording = { text: string; values: (string | number | Wording)[] };

/** The text has to be a literal: a test finds it, and demands its translations. */
export function wording(text: string, ...values: Wording['values']): Wording {
  return { text, values };
}

/** What is the same in every language, such as a name or a provider's words. */
export function verbatim(text: string): Wording {
  return { text: '{0}', values: [text] };
}

export function spoken({ text, values }: Wording, t: Translate = inEnglish): string {
  return t(text, ...values.map((value) => (typeof value === 'object' ? spoken(value, t) : value)));
}

/** Sentences, one after the other. No space follows a full stop that has its own. */
export function spokenAll(sentences: readonly Wording[], t: Translate = inEnglish): string {
  return sentences
    .map((sentence) => spoken(sentence, t))
    .reduce((before, next) => (before === '' || before.endsWith('。') ? before + next : `${before} ${next}`), '');
}

/** A message of sentences, in English and as their wording. */
export function worded(...sentences: readonly (Wording | undefined)[]): {
  message: string;
  wording: readonly Wording[];
} {
  const wording = sentences.filter((each) => each !== undefined);
  return { message: spokenAll(wording), wording };
}
