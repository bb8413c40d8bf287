import { wording, type Wording } from '../../canonical/wording.ts';
import type { Location } from 'jsonc-parser';
import type { Completion } from './completionItem.ts';
import type { LanguageFacts } from './facts.ts';

/** Values that usually are a variable: it is offered before a `$` is typed. */
const usuallyVariables = new Set(['api_key', 'api_keys', 'APIKEY']);

/** Offers `${NAME}` and `${secret:NAME}` after a `$` in a string; undefined where no variable is being typed. */
export function completeVariables(
  text: string,
  { previousNode, path }: Location,
  offset: number,
  facts: LanguageFacts,
): Completion[] | undefined {
  if (previousNode?.type !== 'string' || offset <= previousNode.offset) return undefined;
  const typed = text.slice(previousNode.offset + 1, offset);
  const begun = /\$(?:\{[^}]*)?$/.exec(typed)?.[0];
  if (begun === undefined && !(typed === '' && path.some((step) => usuallyVariables.has(String(step)))))
    return undefined;
  const rest = text.slice(offset, previousNode.offset + previousNode.length);
  const closing = /^[^}"$]*\}/.exec(rest)?.[0] ?? '';
  const span = { start: offset - (begun?.length ?? 0), end: offset + (begun === undefined ? 0 : closing.length) };
  const offer = (name: string, detail: string | Wording): Completion => {
    const reference = `\${${name}}`;
    return { label: reference, kind: 'variable', detail, insert: reference, span };
  };
  return [
    ...facts.variables().map(({ name, from }) => offer(name, from)),
    ...facts.secrets.map((name) => offer(`secret:${name}`, wording("in VS Code's secret storage"))),
  ];
}
