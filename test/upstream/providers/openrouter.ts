import { isDeepStrictEqual } from 'node:util';
import { compareReplays, findSent, readChat } from '../chatRead.ts';
import { checkChat, messagesOf, toolCallsOf } from '../chatRules.ts';
import { chatReply, chunk, doneFrame, finishFrame, openAiUsage, toolDeltas } from '../chatWrite.ts';
import { isObject, objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply, SentTurn } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import type { Turn } from '../turn.ts';

/**
 * Which model family is behind it: `claude` sends its signature in a fragment without text (agno#5802), `gemini` its blob
 * after the calls, `openai` a summary and a blob under the same index.
 */
export type OpenRouterStyle = 'claude' | 'gemini' | 'openai';

/** Marks errors of the provider behind OpenRouter, which OpenRouter wraps. */
const fromProvider = 'provider';
const providerNames = { claude: 'Anthropic', gemini: 'Google AI Studio', openai: 'OpenAI' } as const;
// docs, reasoning tokens: "effort".
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'];

export function openRouter(style: OpenRouterStyle = 'claude'): Profile {
  return {
    path: '/chat/completions',
    check: (body, sent) => check(body, sent, style),
    read: readChat,
    replays: (body, sent) => compareReplays(body, sent, receivedReasoning),
    callId: ({ serial }) => `toolu_${String(serial).padStart(24, '0')}`,
    proof: (turn) => detailsOf(turn, style),
    errorBody: (refusal) => errorBody(refusal, style),
    frames: (reply) => frames(reply, style),
    // docs, error handling: "Mid-stream errors".
    errorFrame: (refusal) =>
      dataFrame({
        id: 'gen-failed',
        object: 'chat.completion.chunk',
        created: 1_700_000_000,
        model: 'a-model',
        provider: providerNames[style],
        error: { code: 'server_error', message: refusal.message },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      }),
    replyBody: (reply) => ({
      ...chatReply(
        reply,
        {
          content: reply.turn.text,
          refusal: null,
          reasoning: reply.turn.reasoning === '' ? null : reply.turn.reasoning,
          ...(reply.turn.reasoning === '' ? {} : { reasoning_details: detailsOf(reply.turn, style) }),
        },
        usage(reply),
      ),
      provider: providerNames[style],
    }),
  };
}

function errorBody(refusal: Refusal, style: OpenRouterStyle): unknown {
  if (refusal.code !== fromProvider)
    return { error: { message: refusal.message, code: refusal.status }, user_id: 'user_of_the_stand-in' };
  const raw = JSON.stringify({
    type: 'error',
    error: { type: 'invalid_request_error', message: refusal.message },
    request_id: 'req_of_the_stand-in',
  });
  return {
    error: {
      message: 'Provider returned error',
      code: refusal.status,
      metadata: { raw, provider_name: providerNames[style] },
    },
    user_id: 'user_of_the_stand-in',
  };
}

function check(body: JsonObject, sent: readonly SentTurn[], style: OpenRouterStyle): void {
  const relayed = (what: string): Refusal => new Refusal(what, 400, fromProvider);
  checkChat(body, {
    roles: {
      known: ['system', 'developer', 'user', 'assistant', 'tool'],
      refuse: (role) => new Refusal(`Invalid input: messages.role ${role}`),
    },
    images: true,
    refusePart: (type) => new Refusal(`Invalid input: content type ${type}`),
    refuseTool: relayed,
    toolOrder: {
      unanswered: (ids) =>
        relayed(
          `messages.1: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}`,
        ),
      orphan: (id) => relayed(`messages.1: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}`),
    },
  });
  checkReasoningOptions(body);
  checkMandatory(body);
  const messages = messagesOf(body);
  const lastUser = messages.findLastIndex((message) => message['role'] === 'user');
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'assistant') checkDetails({ message, index, current: index > lastUser }, sent, style);
  }
}

// LibreChat#6076 and amx#66.
function checkReasoningOptions(body: JsonObject): void {
  const { reasoning } = body;
  if (reasoning !== undefined && 'reasoning_effort' in body)
    throw new Refusal('Only one of "reasoning" and "reasoning_effort" may be provided');
  if (!isObject(reasoning)) return;
  if ('effort' in reasoning && 'max_tokens' in reasoning)
    throw new Refusal('Only one of "reasoning.effort" and "reasoning.max_tokens" can be specified');
  if ('effort' in reasoning && !efforts.includes(stringOf(reasoning['effort'])))
    throw new Refusal(`Invalid option: expected one of ${efforts.map((each) => `"${each}"`).join('|')}`);
}

// claude-code-router#1238 and #1215, rakazo#114, pi#8454.
function checkMandatory(body: JsonObject): void {
  const { reasoning } = body;
  const off =
    body['include_reasoning'] === false ||
    (isObject(reasoning) && (reasoning['effort'] === 'none' || reasoning['enabled'] === false));
  if (off && /minimax|step-|gemini-3|ox-alpha/.test(stringOf(body['model'])))
    throw new Refusal('Reasoning is mandatory for this endpoint and cannot be disabled.');
}

type Place = { message: JsonObject; index: number; current: boolean };

/** Details must come back as they were sent, merged by index. The current tool turn must have them. */
function checkDetails({ message, index, current }: Place, sent: readonly SentTurn[], style: OpenRouterStyle): void {
  const given = message['reasoning_details'];
  const origin = findSent(message, sent);
  if (given === undefined) {
    const lost = origin !== undefined && origin.turn.reasoning !== '' && toolCallsOf(message).length > 0 && current;
    if (lost) refuseMissing(style, index);
    return;
  }
  // ai.google.dev, "Thought signatures": optional for a text without calls.
  const lenient = style === 'gemini' && toolCallsOf(message).length === 0;
  if (origin === undefined ? hasProof(objectsOf(given)) : !isSame(objectsOf(given), objectsOf(origin.proof), lenient))
    refuseChanged(style, index);
}

function isSame(given: JsonObject[], sent: JsonObject[], lenient: boolean): boolean {
  return lenient
    ? given.every((detail) => sent.some((each) => isDeepStrictEqual(detail, each)))
    : isDeepStrictEqual(given, sent);
}

function hasProof(details: JsonObject[]): boolean {
  return details.some((detail) => 'signature' in detail || 'data' in detail);
}

function refuseMissing(style: OpenRouterStyle, index: number): void {
  switch (style) {
    case 'claude':
      throw new Refusal(
        `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`tool_use\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
        400,
        fromProvider,
      );
    case 'gemini':
      throw new Refusal('Function call is missing a thought_signature in functionCall parts.', 400, fromProvider);
    case 'openai':
      return;
    default:
      throw new Error(`No such style: ${String(style satisfies never)}`);
  }
}

function refuseChanged(style: OpenRouterStyle, index: number): never {
  const texts: Record<OpenRouterStyle, string> = {
    claude: `messages.${index}.content.0: Invalid \`signature\` in \`thinking\` block`,
    gemini: 'Thought signature is not valid.',
    openai: `The encrypted content for item rs_${index} could not be verified.`,
  };
  throw new Refusal(texts[style], 400, fromProvider);
}

function blobOf(reasoning: string): string {
  return `openrouter_${Buffer.from(reasoning).toString('base64')}`;
}

function detailsOf({ reasoning }: Turn, style: OpenRouterStyle): JsonObject[] {
  if (reasoning === '') return [];
  const { format, head, proof } = formOf(style, reasoning);
  const whole = { ...head, format, index: 0, [style === 'openai' ? 'summary' : 'text']: reasoning };
  return style === 'claude' ? [{ ...whole, ...proof }] : [whole, { ...proof, format }];
}

/** `proof` is the fragment that carries the signature; Claude's has the type and index of the text. */
function formOf(style: OpenRouterStyle, reasoning: string): { format: string; head: JsonObject; proof: JsonObject } {
  const blob = blobOf(reasoning);
  switch (style) {
    case 'claude':
      return {
        format: 'anthropic-claude-v1',
        head: { type: 'reasoning.text' },
        proof: { type: 'reasoning.text', signature: blob, index: 0 },
      };
    case 'gemini':
      return {
        format: 'google-gemini-v1',
        head: { type: 'reasoning.text' },
        proof: { type: 'reasoning.encrypted', data: blob, id: 'tool_of_the_stand-in', index: 1 },
      };
    case 'openai':
      return {
        format: 'openai-responses-v1',
        head: { type: 'reasoning.summary' },
        proof: { type: 'reasoning.encrypted', data: blob, id: 'rs_of_the_stand-in', index: 0 },
      };
    default:
      throw new Error(`No such style: ${String(style satisfies never)}`);
  }
}

function receivedReasoning(message: JsonObject): string | undefined {
  if (!('reasoning_details' in message)) {
    return typeof message['reasoning'] === 'string' ? message['reasoning'] : undefined;
  }
  return objectsOf(message['reasoning_details'])
    .map((detail) => stringOf(detail['text']) + stringOf(detail['summary']))
    .join('');
}

const processing: Frame = { text: ': OPENROUTER PROCESSING\n\n', content: false };

function frames(reply: Reply, style: OpenRouterStyle): Frame[] {
  const { turn, pieces } = reply;
  const { format, head, proof } = formOf(style, turn.reasoning);
  const delta = (fields: JsonObject, content = true): Frame =>
    dataFrame(
      { ...chunk(reply, { role: 'assistant', content: '', ...fields }), provider: providerNames[style] },
      content,
    );
  const field = style === 'openai' ? 'summary' : 'text';
  const proofFrames = turn.reasoning === '' ? [] : [delta({ reasoning_details: [{ ...proof, format }] }, false)];
  return [
    processing,
    processing,
    ...pieces(turn.reasoning).map((piece) =>
      delta({ reasoning: piece, reasoning_details: [{ ...head, [field]: piece, format, index: 0 }] }),
    ),
    ...(style === 'gemini' ? [] : proofFrames),
    ...pieces(turn.text).map((piece) => delta({ content: piece })),
    processing,
    ...toolDeltas(reply).map((call) => delta({ content: null, tool_calls: [call] })),
    ...(style === 'gemini' ? proofFrames : []),
    finishFrame(reply, { role: 'assistant', content: '' }),
    // docs, usage accounting: always in the last chunk, whose choice has an empty delta.
    dataFrame(chunk(reply, { role: 'assistant', content: '' }, null, { usage: usage(reply) })),
    doneFrame,
  ];
}

function usage(reply: Reply): JsonObject {
  const { cached } = reply.usage;
  return {
    ...openAiUsage(reply),
    cost: 0.00125,
    is_byok: false,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: 0, audio_tokens: 0 },
    cost_details: { upstream_inference_cost: null },
  };
}
