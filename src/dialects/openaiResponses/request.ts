import { inputsFit, isText } from '../callInputs.ts';
import { withoutUndefined } from '../../canonical/json.ts';
import { createRequest } from '../../canonical/editRequest.ts';
import { callsAreAnswered } from '../../canonical/repairTools.ts';
import type { ChatRequest, Continuation, JsonObject, Message, OutputFormat } from '../../canonical/request.ts';
import type { Opener } from '../../reasoning/sealer.ts';
import { withKnownEfforts } from '../../reasoning/unknownEffort.ts';
import { readDialectParameters, dialectParametersFor } from '../dialectParameters.ts';
import { missingValues } from '../jsonFields.ts';
import { withWireCallId } from './callIds.ts';
import { triggerType } from './compaction.ts';
import { withResponsesForms } from './foreignForms.ts';
import { openEnvelopes } from './openEnvelopes.ts';
import { readInput } from './readInput.ts';
import { mergeTools, readToolChoice, readTools, writeToolChoice, writeTools } from './tools.ts';
import { writeConversation, writeInput } from './writeInput.ts';
import * as wire from './wire.ts';

/** Parameters that refer to state stored at one provider, where no fallback could read it. */
const storedState = ['conversation', 'prompt'];

const encryptedReasoning = 'reasoning.encrypted_content';

/** For a summary that was sealed by a CCR on another machine, before the key file was deleted, or that is damaged. */
const lostSummaryWarning =
  "The summary of this conversation can't be opened: it was sealed with another key, or is damaged. The model continues without it.";

/** Parameters that have a canonical form or do not affect the answer. */
const canonicalParameters = new Set([
  ...Object.keys(wire.requestBody.shape),
  'client_metadata',
  'user',
  'safety_identifier',
  'prompt_cache_retention',
  'background',
  'stream_options',
]);

/** @throws GatewayError `invalid-request`, naming the field. */
export function readRequest(body: unknown, opener: Opener): ChatRequest {
  const asked = withResponsesForms(wire.readWire(wire.jsonObject, body));
  const { body: given, warnings = [] } = withKnownEfforts(asked, ['reasoning'], { keepOpen: false });
  refuseStoredState(given);
  const request = wire.readWire(wire.requestBody, given);
  const opened = openEnvelopes(request.input, opener);
  const continuation = readContinuation(request);
  if ((request.input === undefined || request.input === null) && !continuation.previousId)
    throw wire.invalid('input', 'expected a string or a list of items');
  const input = readInput(opened.input ?? [], opened.proofs);
  const messages = withInstructions(request.instructions, input.messages);
  if (messages.length === 0 && !continuation.previousId) throw wire.invalid('input', 'expected at least one item');
  const declared = mergeTools([...readTools(request.tools ?? [], 'tools'), ...input.tools]);
  return createRequest(
    {
      model: request.model ?? undefined,
      messages,
      ...readToolChoice(request.tool_choice, declared),
      parallelToolCalls: request.parallel_tool_calls ?? undefined,
      stream: request.stream ?? false,
      sampling: {
        maxTokens: request.max_output_tokens ?? undefined,
        temperature: request.temperature ?? undefined,
        topP: request.top_p ?? undefined,
      },
      reasoning: readReasoning(request.reasoning),
      outputFormat: readFormat(request.text?.format),
      verbosity: request.text?.verbosity ?? undefined,
      cacheKey: request.prompt_cache_key ?? undefined,
      metadata: request.metadata ?? undefined,
      ...(input.compaction && { compaction: true }),
      ...(request.include?.includes(encryptedReasoning) && { wantsProofs: true }),
      ...((opened.lostSummary || warnings.length > 0) && {
        warnings: [...(opened.lostSummary ? [lostSummaryWarning] : []), ...warnings],
      }),
      ...((continuation.keep || continuation.previousId) && { continuation }),
      dialectParameters: readDialectParameters('openai-responses', given, canonicalParameters),
    },
    {
      dialect: 'openai-responses',
      body: opened.input === request.input ? given : { ...given, input: opened.input },
    },
  );
}

function refuseStoredState(source: JsonObject): void {
  for (const param of storedState) {
    if (!source[param]) continue;
    throw wire.invalid(
      param,
      'not supported, since another provider may answer the next request. Send previous_response_id, or the whole conversation in input',
    );
  }
  if (source['background'] === true) throw wire.invalid('background', 'CCR does not support background responses');
}

/** Follows OpenAI: a response is stored unless the client sets `store: false`, and `instructions` are not carried over. */
function readContinuation(request: wire.RequestBody): Continuation {
  const { previous_response_id: previousId, store, instructions } = request;
  return { ...(previousId && { previousId }), keep: store ?? true, passing: instructions ? 1 : 0 };
}

function withInstructions(instructions: string | null | undefined, messages: Message[]): Message[] {
  if (!instructions) return messages;
  return [{ role: 'system', parts: [{ type: 'text', text: instructions }] }, ...messages];
}

function readReasoning(reasoning: wire.RequestBody['reasoning']): ChatRequest['reasoning'] {
  if (!reasoning?.effort && !reasoning?.summary) return undefined;
  return { effort: reasoning.effort ?? undefined, summary: reasoning.summary ?? undefined };
}

function readFormat(format: NonNullable<wire.RequestBody['text']>['format']): OutputFormat | undefined {
  switch (format?.type) {
    case undefined:
      return undefined;
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json-object' };
    case 'json_schema': {
      const { name, schema, strict, description } = format;
      return { type: 'json-schema', name, schema, strict: strict ?? undefined, description: description ?? undefined };
    }
    default:
      return format satisfies never;
  }
}

/**
 * The request body for a Responses provider. It asks the provider not to store the response, so reasoning is returned encrypted.
 * A conversation that the provider has already stored at the client's request continues there.
 */
export function writeRequest(request: ChatRequest, model: string): JsonObject {
  const tools = writeTools(request.tools);
  const toolChoice = writeToolChoice(request.toolChoice, request.tools);
  return withoutUndefined({
    ...dialectParametersFor(request, 'openai-responses'),
    ...request.extra,
    model,
    input: [...writeHistory(request), ...(request.compaction ? [{ type: triggerType }] : [])],
    stream: request.stream,
    ...(request.continuation?.held
      ? { previous_response_id: request.continuation.previousId, store: request.continuation.keep }
      : { store: false }),
    include: [encryptedReasoning],
    // Providers refuse a tool choice without tools.
    ...(tools.length > 0 && { tools, tool_choice: toolChoice, parallel_tool_calls: request.parallelToolCalls }),
    max_output_tokens: request.sampling.maxTokens,
    temperature: request.sampling.temperature,
    top_p: request.sampling.topP,
    reasoning: writeReasoningOptions(request),
    text: writeTextOptions(request),
    prompt_cache_key: request.cacheKey,
    metadata: request.metadata,
  });
}

/** If the provider holds the conversation, only what is new, unrepaired: the calls that it answers are at the provider. */
function writeHistory({ messages, continuation }: ChatRequest): JsonObject[] {
  return continuation?.held ? writeInput(messages) : writeConversation(messages);
}

/** Whether a provider would accept the client's own items. An interrupted agent may have lost the output of a call. */
export function canRelay(request: ChatRequest): boolean {
  if (!inputsFit(request, 'input', callInputs, isText)) return false;
  return request.continuation?.held === true || callsAreAnswered(request.messages, 'later');
}

function callInputs({ type, arguments: input }: JsonObject): unknown[] {
  return type === 'function_call' ? [input] : [];
}

function writeReasoningOptions({ reasoning }: ChatRequest): JsonObject | undefined {
  if (!reasoning?.effort && !reasoning?.summary) return undefined;
  return withoutUndefined({ effort: reasoning.effort, summary: reasoning.summary });
}

/** Also used by response objects, which echo these options. */
export function writeTextOptions({ outputFormat, verbosity }: ChatRequest): JsonObject | undefined {
  if (!outputFormat && !verbosity) return undefined;
  return withoutUndefined({ format: outputFormat && writeFormat(outputFormat), verbosity });
}

function writeFormat(format: OutputFormat): JsonObject {
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json-object':
      return { type: 'json_object' };
    case 'json-schema': {
      const { name, schema, strict, description } = format;
      return withoutUndefined({ type: 'json_schema', name, description, schema, strict });
    }
    default:
      return format satisfies never;
  }
}

/**
 * The client's own JSON for a relay, with the provider's model name, a preset's parameters where the client set none, and
 * reasoning items in the form in which the provider sent them.
 */
export function patchSource(source: JsonObject, request: ChatRequest, model: string): JsonObject {
  return {
    ...source,
    model,
    ...missingValues(source, {
      ...request.extra,
      max_output_tokens: request.sampling.maxTokens,
      temperature: request.sampling.temperature,
      top_p: request.sampling.topP,
    }),
    ...patchInner(source, 'reasoning', { effort: request.reasoning?.effort }),
    ...patchInner(source, 'text', { verbosity: request.verbosity }),
    ...(Array.isArray(source['input']) && { input: source['input'].map(providerItem) }),
    ...((source['stream'] ?? false) !== request.stream && { stream: request.stream }),
  };
}

function patchInner(source: JsonObject, key: string, values: JsonObject): JsonObject {
  const given = wire.jsonObject.safeParse(source[key]).data ?? {};
  const added = missingValues(given, values);
  return Object.keys(added).length === 0 ? {} : { [key]: { ...given, ...added } };
}

function providerItem(value: unknown): unknown {
  const json = wire.jsonObject.safeParse(value).data;
  if (!json) return value;
  if (json['type'] === 'reasoning') return providerReasoning(json);
  return withWireCallId(json);
}

/**
 * Removes the copy of the summary that our stream writer adds as `content`, since providers refuse content next to their
 * encrypted content (see writeInput).
 */
function providerReasoning(json: JsonObject): JsonObject {
  if (!json['encrypted_content']) return json;
  const { summary, content } = wire.reasoningItem.safeParse(json).data ?? {};
  const doubled = content?.length === 1 && summary?.length === 1 && content[0]?.text === summary[0]?.text;
  return doubled ? { ...json, content: [] } : json;
}
