import { compareReplays, readChat } from '../chatRead.ts';
import { checkBasics, checkToolCalls, checkTools, messagesOf } from '../chatRules.ts';
import {
  askedUsageFrame,
  chatReply,
  deltaFrame,
  doneFrame,
  finishFrame,
  openAiUsage,
  toolDeltas,
} from '../chatWrite.ts';
import { isObject, stringOf } from '../json.ts';
import { checkTemplate, imageUrls } from '../localRules.ts';
import type { JsonObject } from '../json.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

/** LM Studio. Ignores unknown fields. A streamed request is refused inside a stream (thane-ai-agent#1395). */
export const lmstudio: Profile = {
  path: '/chat/completions',
  refusesInStream: true,
  check,
  read: readChat,
  replays: (body, sent) =>
    compareReplays(body, sent, (message) =>
      typeof message['reasoning_content'] === 'string' ? message['reasoning_content'] : undefined,
    ),
  callId: ({ serial }) => String(serial).padStart(9, '0'),
  proof: () => undefined,
  errorBody: ({ message }) => ({ error: message }),
  frames,
  errorFrame: ({ message }) => ({
    text: `event: error\ndata: ${JSON.stringify({ error: { message }, message })}\n\n`,
    content: false,
  }),
  // `tool_calls` is always present, even if empty (lmstudio-bug-tracker#1318).
  replyBody: (reply) =>
    chatReply(
      reply,
      { content: reply.turn.text, reasoning_content: reply.turn.reasoning, tool_calls: [] },
      openAiUsage(reply),
    ),
};

function check(body: JsonObject): void {
  checkBasics(body);
  const choice = body['tool_choice'];
  if (isObject(choice))
    throw new Refusal("Invalid tool_choice type: 'object'. Supported string values: none, auto, required");
  const format = body['response_format'];
  if (isObject(format) && !['json_schema', 'text'].includes(stringOf(format['type'])))
    throw new Refusal("'response_format.type' must be 'json_schema' or 'text'");
  if (imageUrls(body).some((url) => !url.startsWith('data:image/')))
    throw new Refusal("'url' field must be a base64 encoded image.");
  checkTools(body, (what) => new Refusal(what));
  checkToolCalls(messagesOf(body), (what) => new Refusal(what));
  checkTemplate(body, 400);
}

function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  return [
    ...pieces(turn.reasoning).map((piece) => deltaFrame(reply, { role: 'assistant', reasoning_content: piece })),
    ...pieces(turn.text).map((piece) => deltaFrame(reply, { role: 'assistant', content: piece })),
    ...toolDeltas(reply).map((call) => deltaFrame(reply, { tool_calls: [call] })),
    finishFrame(reply, {}),
    ...askedUsageFrame(reply, openAiUsage(reply)),
    doneFrame,
  ];
}
