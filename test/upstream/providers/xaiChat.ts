import { compareReplays, readChat } from '../chatRead.ts';
import { checkChat } from '../chatRules.ts';
import {
  askedUsageFrame,
  chatReply,
  deltaFrame,
  doneFrame,
  finishFrame,
  openAiUsage,
  wholeToolDeltas,
} from '../chatWrite.ts';
import { stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

/** xAI's names for what its reasoning models refuse: open-webui#21266, smolagents#1766, vercel/ai packages/xai. */
const refused = {
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
  stop: 'stop',
} as const;

/** The older of xAI's two APIs: reasoning has no proof and need not be sent back. */
export const xaiChat: Profile = {
  path: '/chat/completions',
  check,
  read: readChat,
  replays: (body, sent) => compareReplays(body, sent, () => undefined),
  callId: ({ serial }) => `call_${String(serial).padStart(8, '0')}`,
  proof: () => undefined,
  errorBody: xaiErrorBody,
  frames,
  errorFrame: (refusal) => dataFrame({ code: 'internal', error: refusal.message }),
  replyBody: (reply) =>
    chatReply(
      reply,
      { content: reply.turn.text, reasoning_content: reply.turn.reasoning, refusal: null },
      usage(reply),
    ),
};

/** `error` is a string. A body that can't be parsed is a 422 without a code (sub2api#4237). */
export function xaiErrorBody(refusal: Refusal): unknown {
  if (refusal.status === 422) return { error: refusal.message };
  return { code: refusal.code ?? codeOf(refusal.status), error: refusal.message };
}

function codeOf(status: number): string {
  if (status === 401) return 'unauthenticated';
  if (status === 429) return 'resource-exhausted';
  return status >= 500 ? 'internal' : 'invalid-argument';
}

/** vercel/ai packages/xai and docs.x.ai, reasoning: which models have efforts, and which. */
export function checkXaiEffort(model: string, effort: unknown): void {
  if (effort === undefined || effort === null) return;
  const allowed = effortsOf(model);
  if (allowed.length === 0) throw new Refusal(`Model ${model} does not support parameter reasoningEffort.`);
  if (!allowed.includes(stringOf(effort))) {
    throw new Refusal(
      `Failed to deserialize the JSON body into the target type: reasoning_effort: unknown variant \`${String(effort)}\`, expected one of ${allowed.map((each) => `\`${each}\``).join(', ')}`,
      422,
    );
  }
}

function effortsOf(model: string): string[] {
  if (model.includes('multi-agent')) return ['low', 'medium', 'high', 'xhigh'];
  if (model.startsWith('grok-3-mini')) return ['low', 'high'];
  if (model.startsWith('grok-4.3')) return ['none', 'low', 'medium', 'high'];
  return /^grok-(4\.[4-9]\b|latest)/.test(model) ? ['low', 'medium', 'high'] : [];
}

function check(body: JsonObject): void {
  const unreadable = (what: string): Refusal =>
    new Refusal(`Failed to deserialize the JSON body into the target type: ${what}`, 422);
  const model = stringOf(body['model']);
  for (const [field, name] of Object.entries(refused)) {
    if (field in body) throw new Refusal(`Model ${model} does not support parameter ${name}.`);
  }
  checkXaiEffort(model, body['reasoning_effort']);
  checkChat(body, {
    roles: {
      known: ['system', 'developer', 'user', 'assistant', 'tool'],
      refuse: (role) => unreadable(`unknown variant \`${role}\``),
    },
    images: true,
    refusePart: (type) => unreadable(`unknown variant \`${type}\``),
    refuseTool: unreadable,
    toolOrder: {
      unanswered: (ids) => new Refusal(`Tool call without a result: ${ids.join(', ')}`),
      orphan: (id) => new Refusal(`Tool result without a call: ${id}`),
    },
  });
}

// vercel/ai, packages/xai, xai-tool-call.chunks.txt: the role in the first delta, no `finish_reason` before the end.
function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  const deltas = [
    ...pieces(turn.reasoning).map((piece) => ({ reasoning_content: piece })),
    ...pieces(turn.text).map((piece) => ({ content: piece })),
    ...wholeToolDeltas(reply).map((call) => ({ tool_calls: [call] })),
  ];
  return [
    ...deltas.map((delta, index) => deltaFrame(reply, index === 0 ? { ...delta, role: 'assistant' } : delta)),
    finishFrame(reply, {}),
    ...askedUsageFrame(reply, usage(reply)),
    doneFrame,
  ];
}

/** `completion_tokens` excludes reasoning; `total_tokens` includes it. */
function usage(reply: Reply): JsonObject {
  const { prompt, completion, reasoning } = reply.usage;
  return {
    ...openAiUsage(reply),
    completion_tokens: completion - reasoning,
    total_tokens: prompt + completion,
    num_sources_used: 0,
    cost_in_usd_ticks: 1_330_500,
  };
}
