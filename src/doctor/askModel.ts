import * as z from 'zod';
import { messageOf } from '../canonical/errors.ts';
import type { JsonObject } from '../canonical/request.ts';

const itemSchema = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  call_id: z.string().optional(),
  arguments: z.string().optional(),
  input: z.string().optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).nullish(),
});

const replySchema = z.looseObject({
  status: z.string(),
  output: z.array(itemSchema),
  incomplete_details: z.looseObject({ reason: z.string() }).nullish(),
  usage: z
    .looseObject({
      input_tokens: z.number(),
      output_tokens: z.number(),
      input_tokens_details: z.looseObject({ cached_tokens: z.number().optional() }).nullish(),
    })
    .nullish(),
});

export type OutputItem = z.infer<typeof itemSchema>;
export type ModelReply = z.infer<typeof replySchema>;

/** The model was not asked, or could not be: its key, a limit, an outage. That says nothing of what it can do. */
export class NoAnswerError extends Error {}

/** The provider refused the request itself. Any other status is about who asks, when, and how the provider is. */
const refusals = [400, 413, 422];

/** Sends a model a request of the Responses API. @throws Error in the gateway's words; NoAnswerError. */
export type AskModel = (body: JsonObject) => Promise<ModelReply>;

/** One request of a test. Milliseconds. */
const limitMs = 120_000;

const errorSchema = z.object({ error: z.object({ message: z.string() }) });

export type AskOptions = {
  /** The gateway's, without `/v1`. */
  url: string;
  token: string | undefined;
  /** `provider,model`. */
  target: string;
  signal: AbortSignal;
};

/** Asks through the gateway, as Codex does, so that what CCR translates and repairs is tested with the model. */
export function createAskModel({ url, token, target, signal }: AskOptions): AskModel {
  return async (body) => {
    const reply = await fetch(`${url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ model: target, store: false, stream: false, ...body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    });
    const json: unknown = await reply.json();
    if (!reply.ok) {
      const parsed = errorSchema.safeParse(json);
      const message = parsed.success ? parsed.data.error.message : `HTTP ${reply.status}`;
      throw refusals.includes(reply.status) ? new Error(message) : new NoAnswerError(message);
    }
    const answeredBy = reply.headers.get('x-ccr-route')?.split(';')[0];
    if (answeredBy !== undefined && answeredBy !== target)
      throw new NoAnswerError(`${answeredBy} answered instead, so ${target} failed. "ccr explain" says why.`);
    const parsed = replySchema.safeParse(json);
    if (!parsed.success) throw new Error(`The answer is not one of the Responses API: ${messageOf(parsed.error)}`);
    return parsed.data;
  };
}

/** The text of the reply's messages. */
export function textOf({ output }: ModelReply): string {
  const messages = output.filter(({ type }) => type === 'message');
  return messages.flatMap(({ content }) => (content ?? []).map(({ text }) => text ?? '')).join('');
}
