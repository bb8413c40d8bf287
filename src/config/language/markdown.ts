import { visibleText } from '../../canonical/visibleText.ts';

/** Characters of a name that a hover shows. */
const longest = 200;

/** A name as Markdown code. Backticks would end it early. */
export function plainCode(text: string): string {
  return `\`${visibleText(text, longest).replaceAll(/[`\n]/g, "'")}\``;
}
