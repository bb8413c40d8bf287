import * as z from 'zod';
import { messageOf } from '../../canonical/errors.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { readFrames } from '../../sse/readFrames.ts';
import { t } from '../l10n.ts';

export type ChatEvent = { type: 'text'; text: string } | { type: 'call'; id: string; name: string; input: object };

export type ChatCall = {
  /** Without `/v1`. */
  url: string;
  token: string | undefined;
  body: JsonObject;
  signal: AbortSignal;
  emit(event: ChatEvent): void;
};

const chunkSchema = z.looseObject({
  error: z.looseObject({ message: z.string() }).nullish(),
  choices: z
    .array(
      z.looseObject({
        delta: z
          .looseObject({
            content: z.string().nullish(),
            tool_calls: z
              .array(
                z.looseObject({
                  index: z.number(),
                  id: z.string().nullish(),
                  function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

type OpenCall = { id: string; name: string; text: string };

/**
 * Sends a request to the gateway and emits what the model says as it comes, and its calls when they are whole.
 * @throws Error in the gateway's words.
 */
export async function streamChat({ url, token, body, signal, emit }: ChatCall): Promise<void> {
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    signal,
  });
  if (!reply.ok || !reply.body) throw new Error(await refusalOf(reply));
  const calls = new Map<number, OpenCall>();
  const reader = readFrames((frame) => {
    if ('data' in frame && frame.data !== '[DONE]') readChunk(frame.data, calls, emit);
  });
  for await (const text of reply.body.pipeThrough(new TextDecoderStream())) reader.push(text);
  reader.end();
  for (const { id, name, text } of calls.values()) emit({ type: 'call', id, name, input: readInput(name, text) });
}

function readChunk(data: string, calls: Map<number, OpenCall>, emit: ChatCall['emit']): void {
  const chunk = chunkSchema.parse(JSON.parse(data));
  if (chunk.error) throw new Error(chunk.error.message);
  for (const { delta } of chunk.choices ?? []) {
    if (delta?.content) emit({ type: 'text', text: delta.content });
    for (const { index, id, function: part } of delta?.tool_calls ?? []) {
      const call = calls.get(index) ?? { id: '', name: '', text: '' };
      calls.set(index, call);
      call.id ||= id ?? '';
      call.name ||= part?.name ?? '';
      call.text += part?.arguments ?? '';
    }
  }
}

function readInput(name: string, text: string): object {
  if (text.trim() === '') return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw new Error(t('The model called {0} with arguments that are not a JSON object: {1}', name, messageOf(error)), {
      cause: error,
    });
  }
}

async function refusalOf(reply: Response): Promise<string> {
  const text = await reply.text();
  try {
    return errorSchema.parse(JSON.parse(text)).error.message;
  } catch {
    return t('CCR answered with HTTP {0}.', reply.status);
  }
}
