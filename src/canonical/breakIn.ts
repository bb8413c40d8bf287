import { parseCutJson } from './cutJson.ts';
import type { ReplyBlock } from './events.ts';

/**
 * Where an answer breaks off whose stream ended by `[DONE]` alone, without a finish, as the end of an error's sentence; undefined
 * if it may be complete. Gateways write `[DONE]` also after a provider that went away: an answer of nothing but thoughts, or a
 * call whose arguments are cut off, would end as complete (CLIProxyAPI#4904).
 */
export function breakIn(blocks: readonly ReplyBlock[]): string | undefined {
  const said = blocks.filter(({ type, text }) => text !== '' || !prose.includes(type));
  if (said.length > 0 && said.at(-1)?.type === 'reasoning') return 'in its thoughts';
  const cut = said.find((block) => block.type === 'tool-call' && block.kind === 'function' && isCut(block.text));
  return cut?.type === 'tool-call' ? `in the arguments of a call of ${cut.name}` : undefined;
}

const prose: readonly string[] = ['text', 'reasoning', 'refusal'];

/** Whole JSON is not a cut one, and neither is what was never JSON. */
function isCut(text: string): boolean {
  return parseCutJson(text) !== undefined;
}
