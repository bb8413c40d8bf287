import { withoutUndefined } from '../../canonical/json.ts';
import type { Attributes } from '@opentelemetry/api';
import type { ErrorKind } from '../../canonical/errors.ts';
import type { DialectId } from '../../canonical/request.ts';
import type { AttemptStart } from '../../gateway/telemetry.ts';
import type { RequestRecord } from '../../gateway/record.ts';

/**
 * Names of OpenTelemetry's conventions for generative AI, as they are in its repository semantic-conventions-genai (client-inference.md).
 * They are in development, so they are stated here rather than imported. Names that begin with `ccr.` are ours.
 */
export const names = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  conversation: 'gen_ai.conversation.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_write.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  modality: 'gen_ai.token.modality',
  instructions: 'gen_ai.system_instructions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  requestId: 'ccr.request.id',
  client: 'ccr.client',
  askedModel: 'ccr.requested_model',
  class: 'ccr.request.class',
  preset: 'ccr.preset',
  reason: 'ccr.route.reason',
  tier: 'ccr.tier',
  attempts: 'ccr.attempts',
  key: 'ccr.key',
  cost: 'ccr.usage.cost',
  isEstimated: 'ccr.usage.estimated',
  isCostEstimated: 'ccr.usage.cost_estimated',
} as const;

/** Of attempts, and with bounded values: all are from the config. */
export function targetAttributes({ target, baseUrl }: AttemptStart): Attributes {
  return {
    [names.operation]: 'chat',
    [names.provider]: target.provider,
    [names.requestModel]: target.model,
    [names.tier]: target.tier,
    ...serverAttributes(baseUrl),
  };
}

function serverAttributes(baseUrl: string | undefined): Attributes {
  const url = baseUrl === undefined ? null : URL.parse(baseUrl);
  if (!url || url.hostname === '') return {};
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
  return { [names.serverAddress]: url.hostname.replaceAll(/^\[|\]$/g, ''), [names.serverPort]: port };
}

const routes: Record<DialectId, string> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
};

export function routeOf({ dialect }: RequestRecord): string {
  return routes[dialect];
}

/** What is known of a request when it ends. No part of it quotes the conversation. */
export function requestAttributes(record: RequestRecord): Attributes {
  const { id, client, model, intent, preset, reason, target, attempts, conversation, stream } = record;
  return withoutUndefined<Attributes>({
    [names.requestId]: id,
    [names.client]: client.replaceAll('-', '_'),
    [names.askedModel]: model,
    [names.requestStream]: stream,
    [names.class]: intent?.class,
    [names.preset]: preset,
    [names.reason]: reason,
    [names.tier]: target?.tier,
    [names.attempts]: attempts.length,
    [names.conversation]: conversation,
    ...errorAttributes(record.error),
  });
}

/** What the answering attempt used and cost. Input tokens include the cached ones. */
export function usageAttributes(record: RequestRecord): Attributes {
  const { usage, costUsd, finish, isUsageEstimated, isCostEstimated } = record;
  return withoutUndefined<Attributes>({
    [names.inputTokens]: usage?.inputTokens,
    [names.outputTokens]: usage?.outputTokens,
    [names.cacheReadTokens]: usage?.cacheReadTokens,
    [names.cacheWriteTokens]: usage?.cacheWriteTokens,
    [names.reasoningTokens]: usage?.reasoningTokens,
    [names.cost]: costUsd,
    [names.isEstimated]: isUsageEstimated,
    [names.isCostEstimated]: isCostEstimated,
    [names.finishReasons]: finish && [finish.replaceAll('-', '_')],
  });
}

/** The same names as in the metrics of Prometheus. */
export function errorAttributes(error: { kind: ErrorKind } | undefined): Attributes {
  return error ? { [names.errorType]: error.kind.replaceAll('-', '_') } : {};
}
