import type { Delta, FinishReason, Usage } from '../../canonical/events.ts';
import { classifyProviderError, readProviderErrorBody, type ErrorReading } from '../../canonical/providerError.ts';
import { explainRefusal, isModelFault, isRefusalReason, modelFault } from '../refusalReasons.ts';
import type { ResponseObject, WireUsage } from './readEvent.ts';

/** Reads how a response ended: usage, finish and done, or its error. `status` decides, not the name of the event. */
export function readEnd(response: ResponseObject, calls: boolean, errors?: ErrorReading): Delta[] {
  const raw = response.status ?? 'completed';
  if (raw === 'failed' || raw === 'cancelled' || saysSomething(response.error))
    return [{ type: 'error', error: readFailure(response, errors) }];
  const fault = response.incomplete_details?.reason ?? '';
  if (raw === 'incomplete' && isModelFault(fault)) return [{ type: 'error', error: modelFault(fault) }];
  const deltas: Delta[] = response.usage ? [{ type: 'usage', usage: readUsage(response.usage) }] : [];
  const finish = readFinish(response, calls);
  if (finish.reason === 'content-filter' && !calls && (response.output ?? []).length === 0)
    deltas.push({ type: 'refusal-delta', key: 'refusal', text: explainRefusal(finish.raw) });
  deltas.push({ type: 'finish', ...finish }, { type: 'done' });
  return deltas;
}

/** Whether `error` reports an error. It is null in a successful response, and empty at some providers. */
export function saysSomething(error: unknown): boolean {
  return typeof error === 'object' ? Object.keys(error ?? {}).length > 0 : Boolean(error);
}

function readFailure(response: ResponseObject, errors: ErrorReading | undefined) {
  return classifyProviderError(
    readProviderErrorBody({ error: response.error }) ?? {
      message: `The provider ended its response with status ${response.status ?? 'failed'}.`,
    },
    errors,
  );
}

function readFinish(response: ResponseObject, calls: boolean): { reason: FinishReason; raw: string } {
  if (response.status !== 'incomplete')
    return { reason: calls ? 'tool-calls' : 'stop', raw: response.status ?? 'completed' };
  const raw = response.incomplete_details?.reason ?? 'incomplete';
  return { reason: isRefusalReason(raw) ? 'content-filter' : 'length', raw };
}

function readUsage(counts: WireUsage): Usage {
  return {
    inputTokens: counts.input_tokens,
    outputTokens: counts.output_tokens,
    cacheReadTokens: counts.input_tokens_details?.cached_tokens ?? undefined,
    cacheWriteTokens: counts.input_tokens_details?.cache_write_tokens ?? undefined,
    reasoningTokens: counts.output_tokens_details?.reasoning_tokens ?? undefined,
    ...(counts.costUsd !== undefined && { costUsd: counts.costUsd }),
  };
}
