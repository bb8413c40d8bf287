import { GatewayError } from '../../canonical/errors.ts';
import { createRequest } from '../../canonical/editRequest.ts';
import type { ChatRequest, JsonObject, OutputFormat } from '../../canonical/request.ts';
import { openProof } from '../../reasoning/envelopes.ts';
import { isSealed, type Opener } from '../../reasoning/sealer.ts';
import { withKnownEfforts } from '../../reasoning/unknownEffort.ts';
import { beyondCanonical, parametersBeyond } from '../beyond.ts';
import { threadUnsupportedCode } from './errorReply.ts';
import type { Reading } from './readBlocks.ts';
import { readMessages, readSystem, withoutBillingHeader } from './readMessages.ts';
import { readReasoning, writeThinking } from './thinking.ts';
import { readToolChoice, readTools, writeToolChoice, writeTools } from './tools.ts';
import { writeMessages } from './writeMessages.ts';
import * as wire from './wire.ts';

/** @throws GatewayError `invalid-request`, naming the field. */
export function readRequest(body: unknown, opener: Opener): ChatRequest {
  const asked = wire.readWire(wire.jsonObject, body);
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
      beyond: beyondCanonical('anthropic-messages', given, notBeyond),
    },
    {
      dialect: 'anthropic-messages',
      body: withoutEnvelopes(system === request.system ? given : { ...given, system }, opener),
    },
  );
}

/**
 * Taking no notice of `thread` would lose the conversation: the next request holds the new messages only. At this code the
 * official SDK (1.12, its tool runner) sends this request and all that follow whole.
 */
function threadUnsupported(): GatewayError {
  const message = "thread: CCR keeps no conversations: send all messages ('continue_unthreaded' has the SDK do so).";
  return new GatewayError('unsupported', message, { param: 'thread', code: threadUnsupportedCode });
}

/** A long conversation may do without having parts of it taken out. */
const notBeyond = new Set([...Object.keys(wire.requestBody.shape), 'cache_control', 'betas', 'context_management']);

/** Those that stand on their own. Others need a beta's header or a hosted tool beside them, which are gone with the relay. */
const independent = ['service_tier', 'inference_geo'];

function writeBeyond(request: ChatRequest): JsonObject {
  const parameters = Object.entries(parametersBeyond(request, 'anthropic-messages'));
  return Object.fromEntries(parameters.filter(([name]) => independent.includes(name)));
}

function readFormat(format: wire.RequestBody['output_format']): OutputFormat | undefined {
  if (format?.type !== 'json_schema' || !format.schema) return undefined;
  return { type: 'json-schema', name: 'answer', schema: format.schema, strict: true };
}

/** The body for a provider that speaks Messages. */
export function writeRequest(request: ChatRequest, model: string): JsonObject {
  const { system, messages } = writeMessages(request.messages);
  const { output_config: effort, ...thinking } = writeThinking(request);
  const format = request.outputFormat && writeFormat(request.outputFormat);
  const instructions = [...system, ...(format?.instruction ? [{ type: 'text', text: format.instruction }] : [])];
  const outputConfig = { ...(effort as JsonObject | undefined), ...format?.config };
  return wire.defined({
    ...writeBeyond(request),
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
    cache_control: marksCache(request) ? undefined : { type: 'ephemeral' },
  });
}

/** Values of parameters that only a Chat Completions provider may know. The rest is what a preset says. */
function writeExtra(extra: JsonObject | undefined): JsonObject {
  const { reasoning_effort: _, verbosity: __, response_format: ___, ...rest } = extra ?? {};
  return rest;
}

function writeSampling({ sampling }: ChatRequest): JsonObject {
  const { temperature, topP, stop = [] } = sampling;
  const words = stop.filter((word) => word.trim() !== '');
  return {
    // Other wires go up to 2.
    temperature: temperature === undefined ? undefined : Math.min(temperature, 1),
    top_p: topP,
    stop_sequences: words.length > 0 ? words : undefined,
  };
}

/**
 * Calls in the history of a request that declares no tools (a compaction, say) must be declared all the same: "Requests
 * which include `tool_use` or `tool_result` blocks must define tools".
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
 * The API holds an answer to a schema only within the limits of OpenAI's strict ones; any other schema, and JSON without
 * one, is asked for in words.
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

/** The one field that this wire has. */
function writeMetadata(metadata: JsonObject | undefined): JsonObject | undefined {
  const userId = metadata?.['user_id'];
  return typeof userId === 'string' ? { user_id: userId } : undefined;
}

/** Clients of other wires know no cache marks, and without any nothing is cached here: the API then sets its own. */
function marksCache({ messages, tools }: ChatRequest): boolean {
  const marked = (item: object): boolean => 'cacheControl' in item && item.cacheControl !== undefined;
  return (
    tools.some((tool) => marked(tool) || (tool.kind === 'hosted' && 'cache_control' in tool.json)) ||
    messages.some(({ parts }) =>
      parts.some((part) => marked(part) || (part.type === 'tool-result' && part.parts.some(marked))),
    )
  );
}

/**
 * The client's own JSON for a relay: under the provider's model name, and with a preset's parameters where the client gave
 * none.
 */
export function patchSource(source: JsonObject, request: ChatRequest, model: string): JsonObject {
  const config = wire.jsonObject.safeParse(source['output_config']).data;
  const asksToThink = 'thinking' in source || config?.['effort'] !== undefined;
  const { max_tokens, thinking, output_config: effort } = writeThinking(request);
  const { temperature, top_p, stop_sequences } = writeSampling(request);
  return {
    ...source,
    model,
    ...missing(source, {
      ...writeExtra(request.extra),
      max_tokens,
      temperature,
      top_p,
      stop_sequences,
      thinking: asksToThink ? undefined : thinking,
    }),
    ...(!asksToThink && effort !== undefined && { output_config: { ...config, ...(effort as JsonObject) } }),
    ...((source['stream'] ?? false) !== request.stream && { stream: request.stream }),
  };
}

/** Those of `values` that are known and that `given` lacks. */
function missing(given: JsonObject, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([key, value]) => value !== undefined && (given[key] === undefined || given[key] === null),
    ),
  );
}

/** The client's own JSON with the signatures that providers made, and none of the envelopes in which they may travel. */
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
