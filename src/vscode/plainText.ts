import { oneLine, visibleText } from '../canonical/visibleText.ts';

/** Longest text from outside in a tooltip. Characters. */
const longestText = 300;
const longestName = 60;

/** A text from outside where `$(name)` is an icon: the status bar and lists. */
export function withoutIcons(text: string, longest = longestName): string {
  return oneLine(text, longest).replaceAll('$(', '$ (');
}

/** Rows of a list for names from outside: shown as plain text, and chosen as they are. */
export function nameItems(names: readonly string[]): { label: string; name: string }[] {
  return names.map((name) => ({ label: withoutIcons(name), name }));
}

/** A text from outside as Markdown that says just that: no link, no icon, no HTML, no other markup. */
export function escapeMarkdown(text: string, longest = longestText): string {
  const line = visibleText(text, longest).replaceAll(/[\n\t]/g, ' ');
  return line.replaceAll(/[\\`*_{}[\]()#+!|<>~$&@]/g, String.raw`\$&`).replaceAll(/:\/\/|(?<=www)\./g, String.raw`\$&`);
}

/** A command as the address of a Markdown link. The arguments can't end the link, whatever they hold. */
export function commandLink(label: string, command: string, ...values: string[]): string {
  const query =
    values.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(values)).replaceAll(/[()!'*~]/g, percent)}`;
  return `[${escapeMarkdown(label)}](command:${command}${query})`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
