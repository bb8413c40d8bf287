import * as z from 'zod';
import { messageOf } from '../../canonical/errors.ts';

/** Which target answered; or why none did, in the words of the gateway. */
export type RouteAnswer = { target: string; ms: number } | { target?: undefined; message: string };

export type RouteQuestion = {
  /** The gateway's, and the token that it requires, if any. */
  url: string;
  token: string | undefined;
  /** '' as name: the config's own routing. */
  route: { name: string; isPreset: boolean };
  /** Unix time in ms. */
  now(): number;
};

/** Of the answer. OpenAI's Responses API rejects fewer. Tokens. */
const maxTokens = 16;

const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/** Sends a small request through a preset or route, as a client would, so its fallbacks answer too. Never rejects. */
export async function askThroughRoute(
  { url, token, route: { name, isPreset }, now }: RouteQuestion,
  signal: AbortSignal,
): Promise<RouteAnswer> {
  const base = isPreset ? `${url}/preset/${encodeURIComponent(name)}` : url;
  const model = isPreset || name === '' ? {} : { model: name };
  const start = now();
  try {
    const reply = await fetch(`${base}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ ...model, max_tokens: maxTokens, messages: [{ role: 'user', content: 'Say OK.' }] }),
      signal,
    });
    const body: unknown = await reply.json();
    if (reply.ok) return { target: reply.headers.get('x-ccr-route')?.split(';')[0] ?? '', ms: now() - start };
    const parsed = errorSchema.safeParse(body);
    return { message: parsed.success ? parsed.data.error.message : `HTTP ${reply.status}` };
  } catch (thrown) {
    return { message: messageOf(thrown) };
  }
}
