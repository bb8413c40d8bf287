import { compareReplays, readChat } from '../chatRead.ts';
import { checkBasics, checkToolCalls, checkTools, messagesOf } from '../chatRules.ts';
import {
  askedUsageFrame,
  chatReply,
  chunk,
  deltaFrame,
  doneFrame,
  finishFrame,
  openAiUsage,
  toolDeltas,
} from '../chatWrite.ts';
import { stringOf } from '../json.ts';
import { checkTemplate, thinkingIsEnabled } from '../localRules.ts';
import type { JsonObject } from '../json.ts';
import { checkWindow } from '../limits.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

/** Whether it was started with `--enable-auto-tool-choice`. */
export type VllmStyle = { autoTools?: boolean };

/** vLLM's OpenAI server. Ignores unknown fields, with a warning in its log. */
export function vllm({ autoTools = true }: VllmStyle = {}): Profile {
  return {
    path: '/chat/completions',
    check: (body) => check(body, autoTools),
    read: readChat,
    replays: (body, sent) =>
      compareReplays(body, sent, ({ reasoning }) => (typeof reasoning === 'string' ? reasoning : undefined)),
    callId: ({ serial }) => `chatcmpl-tool-${String(serial).padStart(32, '0')}`,
    proof: () => undefined,
    errorBody: ({ status, message }) => ({
      error: { message, type: status === 400 ? 'BadRequestError' : 'InternalServerError', param: null, code: status },
    }),
    frames,
    // goose#8031.
    errorFrame: ({ message, status }) =>
      dataFrame({ object: 'error', message, type: 'InternalServerError', param: null, code: status }),
    replyBody: (reply) =>
      chatReply(
        reply,
        { content: reply.turn.text === '' ? null : reply.turn.text, reasoning: reasoningOf(reply) || null },
        openAiUsage(reply),
      ),
  };
}

/** `--max-model-len`. Tokens. */
const window = 262_144;

function check(body: JsonObject, autoTools: boolean): void {
  checkBasics(body);
  if ('stream_options' in body && body['stream'] !== true)
    throw new Refusal('Stream options can only be defined when `stream=True`.');
  const choice = body['tool_choice'];
  if (choice !== undefined && choice !== 'none' && !('tools' in body))
    throw new Refusal('When using `tool_choice`, `tools` must be set.');
  const auto = 'tools' in body && (choice === undefined || choice === 'auto');
  if (auto && !autoTools)
    throw new Refusal('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set');
  const effort = body['reasoning_effort'];
  if (effort !== undefined && !['low', 'medium', 'high'].includes(stringOf(effort)))
    throw new Refusal(
      `1 validation error:\n  {'type': 'literal_error', 'loc': ('body', 'reasoning_effort'), 'msg': "Input should be 'low', 'medium' or 'high'", 'input': '${stringOf(effort)}'}`,
    );
  checkTools(body, (what) => new Refusal(what));
  checkToolCalls(messagesOf(body), (what) => new Refusal(what));
  checkTemplate(body, 400);
  checkWindow(body, window);
}

function reasoningOf({ body, turn }: Reply): string {
  return thinkingIsEnabled(body) ? turn.reasoning : '';
}

/** `reasoning` replaced `reasoning_content` (removed by v0.26). */
function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  return [
    dataFrame(chunk(reply, { role: 'assistant', content: '' })),
    ...pieces(reasoningOf(reply)).map((reasoning) => deltaFrame(reply, { reasoning })),
    ...pieces(turn.text).map((content) => deltaFrame(reply, { content })),
    ...toolDeltas(reply).map((call) => deltaFrame(reply, { tool_calls: [call] })),
    finishFrame(reply, { content: '' }),
    ...askedUsageFrame(reply, openAiUsage(reply)),
    doneFrame,
  ];
}
