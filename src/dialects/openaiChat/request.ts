import { missingValues } from '../jsonFields.ts';
import { createRequest } from '../../canonical/editRequest.ts';
import { fieldsWhere, isObject, withoutUndefined } from '../../canonical/json.ts';
import type { ChatRequest, JsonObject, OutputFormat, ReasoningOptions } from '../../canonical/request.ts';
import { effortOf, isEffort } from '../../reasoning/effort.ts';
import { withKnownEfforts } from '../../reasoning/unknownEffort.ts';
import { readDialectParameters, dialectParametersFor } from '../dialectParameters.ts';
import { withChatForms } from './foreignForms.ts';
import { readMessages } from './readMessages.ts';
import { readToolChoice, readTools, writeToolChoice, writeTools } from './tools.ts';
import { writeMessages } from './writeMessages.ts';
import * as wire from './wire.ts';

/** @throws GatewayError `invalid-request`, naming the field. */
export function readRequest(body: unknown): ChatRequest {
  const { body: source, warnings } = withKnownEfforts(
    withChatForms(wire.readWire(wire.jsonObject, body)),
    ['reasoning_effort', 'reasoning'],
    { keepOpen: true },
  );
  const request = wire.readWire(wire.requestBody, source);
  const reasoning = readReasoning(request);
  return createRequest(
    {
      model: request.model ?? undefined,
      messages: readMessages(request.messages),
      ...readToolChoice(request, readTools(request)),
      parallelToolCalls: request.parallel_tool_calls ?? undefined,
      stream: request.stream ?? false,
      sampling: {
        maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
        temperature: request.temperature ?? undefined,
        topP: request.top_p ?? undefined,
        stop: typeof request.stop === 'string' ? [request.stop] : (request.stop ?? undefined),
        seed: request.seed ?? undefined,
        frequencyPenalty: request.frequency_penalty ?? undefined,
        presencePenalty: request.presence_penalty ?? undefined,
      },
      reasoning,
      outputFormat: readFormat(request.response_format),
      verbosity: isVerbosity(request.verbosity) ? request.verbosity : undefined,
      cacheKey: request.prompt_cache_key ?? undefined,
      metadata: request.metadata ?? undefined,
      extra: readUnknownValues(request),
      includeUsage: request.stream_options?.include_usage ?? undefined,
      ...(warnings && { warnings }),
      dialectParameters: readDialectParameters('openai-chat', source, canonicalParameters),
    },
    { dialect: 'openai-chat', body: source },
  );
}

/** Parameters that have a canonical form or do not affect the answer. Several choices (`n`) are supported only in a relay. */
const canonicalParameters = new Set([
  ...Object.keys(wire.requestBody.shape),
  'store',
  'user',
  'safety_identifier',
  'prompt_cache_retention',
  'n',
]);

/** Reads `reasoning_effort` and the forms that clients of other providers send: `reasoning: {…}`, `thinking: {…}` and switches. */
function readReasoning({
  reasoning_effort: named,
  reasoning,
  thinking,
  enable_thinking: isEnabled,
  chat_template_kwargs: template,
}: wire.RequestBody): ReasoningOptions | undefined {
  const off = reasoning?.['enabled'] === false || thinking?.['type'] === 'disabled';
  const effort = [named, reasoning?.['effort'], off ? 'none' : undefined].find(isEffort);
  const budgetTokens = [reasoning?.['max_tokens'], thinking?.['budget_tokens']].find(isNumber);
  if (effort !== undefined || budgetTokens !== undefined) return { effort, budgetTokens };
  const isOn =
    reasoning?.['enabled'] === true ||
    thinking?.['type'] === 'enabled' ||
    thinking?.['type'] === 'adaptive' ||
    isEnabled === true ||
    template?.['enable_thinking'] === true;
  return isOn ? { isOn } : undefined;
}

function isVerbosity(value: unknown): value is NonNullable<ChatRequest['verbosity']> {
  return value === 'low' || value === 'medium' || value === 'high';
}

/** Values of known parameters that have no canonical form. They are passed on for the provider to judge. */
function readUnknownValues({ reasoning_effort, verbosity, response_format }: wire.RequestBody): JsonObject | undefined {
  const extra = withoutUndefined({
    reasoning_effort: reasoning_effort && !isEffort(reasoning_effort) ? reasoning_effort : undefined,
    verbosity: verbosity && !isVerbosity(verbosity) ? verbosity : undefined,
    response_format: response_format && !readFormat(response_format) ? response_format : undefined,
  });
  return Object.keys(extra).length > 0 ? extra : undefined;
}

function readFormat(format: JsonObject | null | undefined): OutputFormat | undefined {
  if (!format) return undefined;
  switch (format['type']) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json-object' };
    case 'json_schema': {
      const path = 'response_format.json_schema';
      const { name, schema, strict, description } = wire.readWire(wire.jsonSchemaFormat, format['json_schema'], path);
      if (!schema) throw wire.invalid(`${path}.schema`, 'expected a JSON schema');
      return { type: 'json-schema', name, schema, strict: strict ?? undefined, description: description ?? undefined };
    }
    default:
      return undefined;
  }
}

/** The request body for a Chat Completions provider, in a form that even the strictest of them accept. */
export function writeRequest(request: ChatRequest, model: string): JsonObject {
  const tools = writeTools(request.tools);
  const body = {
    model,
    messages: writeMessages(request.messages),
    stream: request.stream,
    ...(request.stream && { stream_options: { include_usage: true } }),
    // Providers refuse an empty list, and a tool choice without tools.
    ...(tools.length > 0 && {
      tools,
      ...withoutUndefined({
        tool_choice: writeToolChoice(request),
        parallel_tool_calls: request.parallelToolCalls,
      }),
    }),
  };
  const said = { ...body, ...missing(body, writeParameters(request)) };
  return { ...said, ...missing(said, dialectParametersFor(request, 'openai-chat')) };
}

/** All parameters except the conversation and its tools. `extra` fills in those that have no canonical value. */
function writeParameters(request: ChatRequest): JsonObject {
  const { sampling, reasoning, outputFormat } = request;
  const known = withoutUndefined({
    max_tokens: sampling.maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    stop: sampling.stop && sampling.stop.length > 0 ? sampling.stop : undefined,
    seed: sampling.seed,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    reasoning_effort: reasoning && effortOf(reasoning),
    verbosity: request.verbosity,
    prompt_cache_key: request.cacheKey,
    response_format: outputFormat && writeFormat(outputFormat),
  });
  return { ...known, ...missing(known, request.extra ?? {}) };
}

function writeFormat(format: OutputFormat): JsonObject | undefined {
  switch (format.type) {
    case 'text':
      // The default. Not every provider accepts it explicitly.
      return undefined;
    case 'json-object':
      return { type: 'json_object' };
    case 'json-schema': {
      const { name, schema, strict, description } = format;
      return { type: 'json_schema', json_schema: withoutUndefined({ name, description, schema, strict }) };
    }
    default:
      return format satisfies never;
  }
}

/**
 * The client's own JSON for a relay, with three changes: the provider's model name, a preset's parameters where the client set
 * none, and usage in the stream, which the gateway needs for its counts.
 */
export function patchSource(source: JsonObject, request: ChatRequest, model: string): JsonObject {
  const body = {
    ...source,
    model,
    messages: withoutNulls(source['messages']),
    ...missing(source, writeParameters(request)),
  };
  const streamed = (source['stream'] ?? false) !== request.stream ? { ...body, stream: request.stream } : body;
  if (request.stream) {
    const { stream_options: options } = source;
    return { ...streamed, stream_options: { ...(isObject(options) && options), include_usage: true } };
  }
  // Providers refuse stream options without a stream.
  const { stream_options: _, ...unstreamed } = streamed as JsonObject;
  return unstreamed;
}

/**
 * Removes null fields from messages: SDKs echo a reply with all of its fields (`refusal: null`), which strict providers
 * refuse. `content: null` is meaningful and stays.
 */
function withoutNulls(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  return messages.map((message: unknown) => {
    if (!isObject(message) || !hasNullField(message)) return message;
    return fieldsWhere(message, (key, value) => value !== null || key === 'content');
  });
}

function hasNullField(message: JsonObject): boolean {
  for (const key in message) if (message[key] === null && key !== 'content') return true;
  return false;
}

/** Other parameters that set the same thing. */
const synonyms: Record<string, string[]> = {
  max_tokens: ['max_completion_tokens'],
  max_completion_tokens: ['max_tokens'],
  reasoning_effort: ['reasoning', 'thinking'],
  reasoning: ['reasoning_effort', 'thinking'],
  thinking: ['reasoning', 'reasoning_effort'],
};

function missing(given: JsonObject, values: JsonObject): JsonObject {
  return missingValues(given, values, synonyms);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
