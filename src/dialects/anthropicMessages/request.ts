import { withoutUndefined } from '../../canonical/json.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { createRequest } from '../../canonical/editRequest.ts';
import type { ChatRequest, JsonObject, OutputFormat } from '../../canonical/request.ts';
import { openProof } from '../../reasoning/envelopes.ts';
import { isSealed, type Opener } from '../../reasoning/sealer.ts';
import { withKnownEfforts } from '../../reasoning/unknownEffort.ts';
import { readDialectParameters, dialectParametersFor } from '../dialectParameters.ts';
import { missingValues } from '../jsonFields.ts';
import { threadUnsupportedCode } from './errorReply.ts';
import { withMessagesForms } from './foreignForms.ts';
import type { Reading } from './readBlocks.ts';
import { readMessages, readSystem, withoutBillingHeader } from './readMessages.ts';
import { readReasoning, writeThinking } from './thinking.ts';
import { readToolChoice, readTools, writeToolChoice, writeTools } from './tools.ts';
import { writeMessages } from './writeMessages.ts';
import * as wire from './wire.ts';

/** @throws GatewayError `invalid-request`, naming the field. */
export function readRequest(body: unknown, opener: Opener): ChatRequest {
  const asked = withMessagesForms(wire.readWire(wire.jsonObject, body));
  const { body: given, warnings } = withKnownEfforts(asked, ['output_config'], { keepOpen: false });
  const request = wire.readWire(wire.requestBody, given);
  if (request.thread) throw threadUnsupported();
  if (request.messages.length === 0) throw wire.invalid('messages', 'expected at least one message');
  const system = withoutBillingHeader(request.system);
  const reading: Reading = { opener, loadedTools: new Set() };
  const messages = [...readSystem(system, reading), ...readMessages(request.messages, reading)];
  const tools = readTools(request.tools ?? [], reading);
  return createRequest(
    {
      model: request.model ?? undefined,
      messages,
      tools,
      ...readToolChoice(request.tool_choice, tools),
      stream: request.stream ?? false,
      sampling: {
        maxTokens: request.max_tokens ?? undefined,
        temperature: request.temperature ?? undefined,
        topP: request.top_p ?? undefined,
        stop: request.stop_sequences ?? undefined,
      },
      reasoning: readReasoning(request),
      outputFormat: readFormat(request.output_config?.format ?? request.output_format),
      metadata: request.metadata ?? undefined,
      ...(typeof request.top_k === 'number' && { extra: { top_k: request.top_k } }),
      ...(warnings && { warnings }),
      dialectParameters: readDialectParameters('anthropic-messages', given, canonicalParameters),
    },
    {
      dialect: 'anthropic-messages',
      body: withoutEnvelopes(system === request.system ? given : { ...given, system }, opener),
    },
  );
}

/**
 * Ignoring `thread` would lose the conversation, as the next request would contain only the new messages. When the official
 * SDK (1.12, its tool runner) gets this code, it resends the request with all messages, and all later ones too.
 */
function threadUnsupported(): GatewayError {
  const message =
    "thread: CCR does not store conversations. Send all messages in each request (in the SDK: 'continue_unthreaded').";
  return new GatewayError('unsupported', message, { param: 'thread', code: threadUnsupportedCode });
}

/** `context_management` is among them: it only removes parts of a long conversation, which answers can do without. */
const canonicalParameters = new Set([
  ...Object.keys(wire.requestBody.shape),
  'cache_control',
  'betas',
  'context_management',
]);

/** Parameters that work on their own. Others need a beta header or a hosted tool, which only a relay passes on. */
const independent = ['service_tier', 'inference_geo'];

function writeDialectParameters(request: ChatRequest): JsonObject {
  const parameters = Object.entries(dialectParametersFor(request, 'anthropic-messages'));
  return Object.fromEntries(parameters.filter(([name]) => independent.includes(name)));
}

function readFormat(format: wire.RequestBody['output_format']): OutputFormat | undefined {
  if (format?.type !== 'json_schema' || !format.schema) return undefined;
  return { type: 'json-schema', name: 'answer', schema: format.schema, strict: true };
}

/** The body for a provider that serves the Messages API. */
export function writeRequest(request: ChatRequest, model: string): JsonObject {
  const { system, messages } = writeMessages(request.messages);
  const { output_config: effort, ...thinking } = writeThinking(request);
  const format = request.outputFormat && writeFormat(request.outputFormat);
  const instructions = [...system, ...(format?.instruction ? [{ type: 'text', text: format.instruction }] : [])];
  const outputConfig = { ...(effort as JsonObject | undefined), ...format?.config };
  return withoutUndefined({
    ...writeDialectParameters(request),
    ...writeExtra(request.extra),
    model,
    ...thinking,
    system: instructions.length > 0 ? instructions : undefined,
    messages,
    ...writeToolFields(request),
    ...writeSampling(request),
    output_config: Object.keys(outputConfig).length > 0 ? outputConfig : undefined,
    metadata: writeMetadata(request.metadata),
    stream: request.stream,
    cache_control: hasCacheMarks(request) ? undefined : { type: 'ephemeral' },
  });
}

/** The preset's parameters, without those that only exist in Chat Completions. */
function writeExtra(extra: JsonObject | undefined): JsonObject {
  const { reasoning_effort: _, verbosity: __, response_format: ___, ...rest } = extra ?? {};
  return rest;
}

function writeSampling({ sampling }: ChatRequest): JsonObject {
  const { temperature, topP, stop = [] } = sampling;
  const sequences = stop.filter((sequence) => sequence.trim() !== '');
  return {
    // Other APIs allow up to 2.
    temperature: temperature === undefined ? undefined : Math.min(temperature, 1),
    top_p: topP,
    stop_sequences: sequences.length > 0 ? sequences : undefined,
  };
}

/**
 * Tools that the history calls are declared even if the request has none (a compaction, for example): "Requests which
 * include `tool_use` or `tool_result` blocks must define tools".
 */
function writeToolFields(request: ChatRequest): JsonObject {
  const tools = writeTools(request.tools);
  if (tools.length > 0) return { tools, tool_choice: writeToolChoice(request) };
  const called = new Map(
    request.messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'tool-call' ? [[part.name, part] as const] : [])),
    ),
  );
  if (called.size === 0) return {};
  const declared = [...called.values()].map(({ name, namespace }) => ({
    kind: 'function' as const,
    name,
    namespace,
    parameters: { properties: {} },
  }));
  return { tools: writeTools(declared), tool_choice: { type: 'none' } };
}

/**
 * The API enforces a schema only within the limits of OpenAI's strict schemas. For any other schema, and for JSON without
 * one, an instruction is added to the system prompt.
 */
function writeFormat(format: OutputFormat): { instruction?: string; config?: JsonObject } {
  switch (format.type) {
    case 'text':
      return {};
    case 'json-object':
      return { instruction: 'Answer with a JSON object, and with nothing else.' };
    case 'json-schema':
      if (format.strict) return { config: { format: { type: 'json_schema', schema: format.schema } } };
      return {
        instruction: `Answer with JSON that follows this JSON schema, and with nothing else:\n${JSON.stringify(format.schema)}`,
      };
    default:
      return format satisfies never;
  }
}

/** The API has only this field. */
function writeMetadata(metadata: JsonObject | undefined): JsonObject | undefined {
  const userId = metadata?.['user_id'];
  return typeof userId === 'string' ? { user_id: userId } : undefined;
}

/** Whether the client set cache marks. If not (other dialects have none), the API is asked to set its own, to cache at all. */
function hasCacheMarks({ messages, tools }: ChatRequest): boolean {
  const marked = (item: object): boolean => 'cacheControl' in item && item.cacheControl !== undefined;
  return (
    tools.some((tool) => marked(tool) || (tool.kind === 'hosted' && 'cache_control' in tool.json)) ||
    messages.some(({ parts }) =>
      parts.some((part) => marked(part) || (part.type === 'tool-result' && part.parts.some(marked))),
    )
  );
}

/** The client's JSON for a relay, with the provider's model name and the preset's parameters that the client did not set. */
export function patchSource(source: JsonObject, request: ChatRequest, model: string): JsonObject {
  const config = wire.jsonObject.safeParse(source['output_config']).data;
  const setsThinking = 'thinking' in source || config?.['effort'] !== undefined;
  const { max_tokens, thinking, output_config: effort } = writeThinking(request);
  const { temperature, top_p, stop_sequences } = writeSampling(request);
  return {
    ...source,
    model,
    ...missingValues(source, {
      ...writeExtra(request.extra),
      max_tokens,
      temperature,
      top_p,
      stop_sequences,
      thinking: setsThinking ? undefined : thinking,
    }),
    ...(!setsThinking && effort !== undefined && { output_config: { ...config, ...(effort as JsonObject) } }),
    ...((source['stream'] ?? false) !== request.stream && { stream: request.stream }),
  };
}

/** The client's JSON with each sealed envelope replaced by the provider signature in it, or by '' if there is none. */
function withoutEnvelopes(body: JsonObject, opener: Opener): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  const open = (block: unknown): unknown => (hasEnvelope(block) ? openBlock(block, opener) : block);
  const opened = messages.map((value: unknown) => {
    const message = wire.jsonObject.safeParse(value).data;
    const content = message?.['content'];
    return Array.isArray(content) && content.some(hasEnvelope) ? { ...message, content: content.map(open) } : value;
  });
  return opened.every((message, index) => message === messages[index]) ? body : { ...body, messages: opened };
}

function openBlock(block: JsonObject & { signature: string }, opener: Opener): JsonObject {
  const proof = openProof(opener, block.signature);
  return { ...block, signature: proof?.type === 'signature' ? proof.signature : '' };
}

function hasEnvelope(block: unknown): block is JsonObject & { signature: string } {
  return typeof block === 'object' && block !== null && 'signature' in block && isSealed(block.signature);
}
