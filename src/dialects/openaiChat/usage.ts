import type { Usage } from '../../canonical/events.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { looseObject } from '../loose.ts';
import { readCost } from '../reportedCost.ts';
import type { Choice, Chunk } from './readChunk.ts';

/** Finds the usage wherever a provider puts it: at the top level, in the choice (Kimi), in `x_groq`, or in llama.cpp's `timings`. */
export function readUsage(chunk: Chunk, choice: Choice | undefined): Usage | undefined {
  for (const counts of [chunk.usage, choice?.usage, chunk.usageBeside]) {
    const usage = counts && readCounts(counts);
    if (usage) return usage;
  }
  return chunk.timings ? readTimings(chunk.timings) : undefined;
}

/** Groq's, in a stream. */
export function usageBeside(json: JsonObject): JsonObject | undefined {
  return looseObject(looseObject(json['x_groq'])?.['usage']);
}

function readCounts(counts: JsonObject): Usage | undefined {
  const details = objectsOf(counts, 'prompt_tokens_details', 'prompt_token_details', 'input_tokens_details');
  const outputDetails = objectsOf(counts, 'completion_tokens_details', 'output_tokens_details');
  const cacheReadTokens = most([...details, counts], [
    'cached_tokens', 'prompt_cache_hit_tokens', 'num_cached_tokens', 'cache_read_tokens', 'cache_read_input_tokens',
  ]); // prettier-ignore
  const cacheWriteTokens = most(
    [...details, counts],
    ['cache_write_tokens', 'cache_creation_tokens', 'cache_creation_input_tokens'],
  );
  const costUsd = readCost(counts);
  const reasoningTokens = most([...outputDetails, counts], ['reasoning_tokens']);
  const input = most([counts], ['prompt_tokens', 'input_tokens']);
  const output = most([counts], ['completion_tokens', 'output_tokens']);
  const total = most([counts], ['total_tokens']);
  // Some providers send zeros as placeholders before the end.
  if (!input && !output && !total) return undefined;
  const given = input ?? Math.max(0, (total ?? 0) - (output ?? 0));
  const cached = (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0);
  return {
    // If more tokens were cached than given, the provider does not include cached tokens in its input count.
    inputTokens: (cacheReadTokens ?? 0) > given ? given + cached : given,
    outputTokens: outputTokens({ input: given, output, total, reasoning: reasoningTokens, cached }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}

/**
 * Adds reasoning tokens where the provider leaves them out of `completion_tokens`. xAI does so, as the total shows
 * (291 + 26 + 196 = 513). So does Gemini, which does not report the reasoning tokens either (16 + 9 of 627: coder/coder,
 * captures of googleopenai).
 */
function outputTokens(counts: {
  input: number;
  output: number | undefined;
  total: number | undefined;
  reasoning: number | undefined;
  cached: number;
}): number {
  const { input, output, total, reasoning, cached } = counts;
  if (output === undefined) return Math.max(0, (total ?? 0) - input);
  const unnamed = (total ?? 0) - input - output;
  if (reasoning === undefined) return unnamed > 0 && unnamed !== cached ? output + unnamed : output;
  return total === input + output + reasoning ? output + reasoning : output;
}

function readTimings(timings: JsonObject): Usage | undefined {
  const read = most([timings], ['prompt_n']);
  const cached = most([timings], ['cache_n']);
  const written = most([timings], ['predicted_n']);
  if (read === undefined || written === undefined) return undefined;
  return {
    inputTokens: read + (cached ?? 0),
    outputTokens: written,
    ...(cached === undefined ? {} : { cacheReadTokens: cached }),
  };
}

/** The largest of a count's several names, since providers send 0 under names that they do not use. */
function most(holders: JsonObject[], names: string[]): number | undefined {
  let found: number | undefined;
  for (const holder of holders) {
    for (const name of names) {
      const value = holder[name];
      if (isCount(value) && (found === undefined || value > found)) found = value;
    }
  }
  return found;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function objectsOf(counts: JsonObject, ...names: string[]): JsonObject[] {
  const found: JsonObject[] = [];
  for (const name of names) {
    const value = counts[name];
    if (typeof value === 'object' && value !== null) found.push(value as JsonObject);
  }
  return found;
}

export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: {
      cached_tokens: cacheReadTokens ?? 0,
      ...(cacheWriteTokens === undefined ? {} : { cache_write_tokens: cacheWriteTokens }),
    },
    completion_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
  };
}
