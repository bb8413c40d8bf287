import type { Delta, ReplyBlock } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';

/** Emits the probabilities of a choice, for the text and for the refusal. */
export function readLogprobs(
  logprobs: unknown,
  keys: { text: string; refusal: string },
  emit: (delta: Delta) => void,
): void {
  if (!isObject(logprobs)) return;
  for (const [field, key] of [
    ['content', keys.text],
    ['refusal', keys.refusal],
  ] as const) {
    // prettier-ignore
    const tokens = logprobs[field] ?? (field === 'content' ? readColumns(logprobs) : undefined);
    if (Array.isArray(tokens) && tokens.length > 0)
      emit({ type: 'logprobs', key, tokens: (tokens as unknown[]).filter(isObject) });
  }
}

/** The older form, as Together and Fireworks have it: a list of tokens, and one of their probabilities. */
function readColumns({ tokens, token_logprobs: logprobs }: JsonObject): JsonObject[] | undefined {
  if (!Array.isArray(tokens) || !Array.isArray(logprobs)) return undefined;
  return tokens.flatMap((token: unknown, index) => {
    const logprob: unknown = logprobs[index];
    if (typeof token !== 'string' || typeof logprob !== 'number') return [];
    return [{ token, logprob, bytes: [...Buffer.from(token)], top_logprobs: [] }];
  });
}

/** The `logprobs` of a choice. Null if there are none. */
export function writeLogprobs(blocks: readonly Pick<ReplyBlock, 'type' | 'logprobs'>[]): JsonObject | null {
  const of = (type: ReplyBlock['type']): JsonObject[] | null => {
    const tokens = blocks.flatMap((block) => (block.type === type ? (block.logprobs ?? []) : []));
    return tokens.length > 0 ? tokens : null;
  };
  const [content, refusal] = [of('text'), of('refusal')];
  return content || refusal ? { content, refusal } : null;
}
