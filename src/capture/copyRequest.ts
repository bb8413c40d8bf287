import { joinPieces, type Pieces } from '../sse/pieces.ts';
import type { GatewayError } from '../canonical/errors.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { Clock } from '../gateway/clock.ts';
import type { ClientResponse, Exchange } from '../gateway/exchange.ts';
import type { RequestRecord } from '../gateway/record.ts';
import type { AttemptCapture, AttemptFacts, RequestCapture } from '../gateway/requestCapture.ts';
import type { Upstream, UpstreamCall, UpstreamReply } from '../gateway/upstream.ts';
import type { ReasoningMemory, RememberedReasoning } from '../reasoning/history.ts';
import type { HeldBytes } from './heldBytes.ts';

/** What was copied of one attempt. Holds keys: only `buildCapture` may read it. */
export type CopiedAttempt = {
  facts: AttemptFacts;
  /** Among all attempts of the request, from 1. */
  number: number;
  startedAt: number;
  latencyMs: number;
  call?: Pick<UpstreamCall, 'url' | 'headers' | 'body'>;
  reply?: CopiedReply;
  recalled: (RememberedReasoning | undefined)[];
  error?: GatewayError;
  /** There was no memory for a copy. */
  isLeftOut?: boolean;
};

export type CopiedReply = {
  status: number;
  headers: UpstreamReply['headers'];
  chunks: Buffer[];
  /** Of the whole reply as far as it was read. Bytes. */
  size: number;
  pieces: [atMs: number, lineEnds: number][];
  isCut: boolean;
  /** When it ended, if CCR read that far. Milliseconds since the attempt's start. */
  endedAfterMs?: number;
  ended: 'complete' | 'broken' | 'unread';
};

export type CopiedAnswer = { status: number; text: string; isCut: boolean };

/** What was copied of one request, once it is over. */
export type CopiedRequest = {
  exchange: Exchange;
  record: RequestRecord;
  parameters: JsonObject;
  attempts: CopiedAttempt[];
  /** With those that were not to be copied. */
  attemptsMade: number;
  answer: CopiedAnswer;
};

/** How much of a body is copied. Bytes. */
export type CopyLimits = { maxBodyBytes: number };

/** So that a secret at the place where a body is cut is still found whole. Bytes. */
const margin = 4096;

/** Later ones are noted together. */
const mostPieces = 20_000;

/** Of what the memory of reasoning gave. Characters. */
const mostRecalled = 512 * 1024;

export type CopyParts = {
  clock: Clock;
  limits: CopyLimits;
  held: HeldBytes;
  isWanted(provider: string): boolean;
  /** Gets the request when it is over. */
  onFinished(request: CopiedRequest): void;
};

/**
 * Copies a request: what the client sent and got, and for each attempt what the provider got and sent. Texts are only
 * collected here, within limits; all work is done when the request is over.
 */
export function copyRequest(given: Exchange, parts: CopyParts): Exchange {
  const attempts: CopiedAttempt[] = [];
  const answer: CopiedAnswer = { status: 0, text: '', isCut: false };
  let parameters: JsonObject = {};
  let number = 0;
  const capture: RequestCapture = {
    decided: (decided) => (parameters = decided),
    attempt(facts) {
      number++;
      if (!parts.isWanted(facts.target.provider)) return undefined;
      const copied: CopiedAttempt = {
        facts,
        number,
        startedAt: parts.clock.now(),
        latencyMs: 0,
        recalled: [],
      };
      attempts.push(copied);
      return copyAttempt(copied, given.signal, parts);
    },
    finished(record) {
      for (const attempt of attempts) attempt.latencyMs ||= parts.clock.now() - attempt.startedAt;
      if (given.signal.aborted) answer.isCut = true;
      parts.onFinished({ exchange: given, record, parameters, attempts, attemptsMade: number, answer });
    },
  };
  return { ...given, capture, response: copyResponse(given.response, answer, parts) };
}

function copyResponse(response: ClientResponse, answer: CopiedAnswer, { limits, held }: CopyParts): ClientResponse {
  const copy = (written: string | Pieces): void => {
    const text = joinPieces(written);
    const room = Math.max(0, limits.maxBodyBytes + margin - answer.text.length);
    if (text.length > room || !held.take(Math.min(text.length, room))) answer.isCut = true;
    if (!answer.isCut) answer.text += text;
  };
  return {
    isOpen: response.isOpen,
    open(status, headers) {
      answer.status = status;
      response.open(status, headers);
    },
    write(text, frames) {
      copy(text);
      return response.write(text, frames);
    },
    end(text) {
      if (text !== undefined) copy(text);
      response.end(text);
    },
  };
}

function copyAttempt(copied: CopiedAttempt, signal: AbortSignal, parts: CopyParts): AttemptCapture {
  const { clock, held } = parts;
  return {
    upstream: (of) => copyUpstream(of, copied, parts),
    memory: (of) => copyMemory(of, copied, held),
    failed(error) {
      copied.latencyMs = clock.now() - copied.startedAt;
      // A client that hangs up is not a failure of the provider.
      if (!signal.aborted) copied.error = error;
    },
  };
}

function copyMemory(memory: ReasoningMemory, { recalled }: CopiedAttempt, held: HeldBytes): ReasoningMemory {
  let size = 0;
  return {
    ...memory,
    recall(...turn) {
      const found = memory.recall(...turn);
      const length = found ? found.reduce((sum, { text }) => sum + text.length, 0) : 0;
      size += length;
      recalled.push(size <= mostRecalled && held.take(length) ? found : undefined);
      return found;
    },
  };
}

function copyUpstream(upstream: Upstream, copied: CopiedAttempt, { clock, limits, held }: CopyParts): Upstream {
  return {
    ...upstream,
    async send(call) {
      // The text is held by the attempt anyway until its answer begins.
      copied.isLeftOut = !held.take(call.body.length);
      copied.call = { url: call.url, headers: call.headers, body: copied.isLeftOut ? '' : call.body };
      const reply = await upstream.send(call);
      const own: CopiedReply = {
        status: reply.status,
        headers: reply.headers,
        chunks: [],
        size: 0,
        pieces: [],
        isCut: false,
        ended: 'unread',
      };
      copied.reply = own;
      copied.latencyMs = clock.now() - copied.startedAt;
      const copy = (chunk: Uint8Array): void => {
        own.size += chunk.length;
        const room = limits.maxBodyBytes + margin - (own.size - chunk.length);
        if (own.isCut || !held.take(Math.min(room, chunk.length))) return void (own.isCut = true);
        own.isCut = room < chunk.length;
        // A copy: the chunk may be a small part of a large buffer.
        const bytes = Buffer.from(chunk.subarray(0, room));
        own.chunks.push(bytes);
        const last = own.pieces.at(-1);
        if (last && own.pieces.length >= mostPieces) last[1] += lineEndsIn(bytes);
        else own.pieces.push([clock.now() - copied.startedAt, lineEndsIn(bytes)]);
      };
      const end = (isWhole: boolean): void => {
        own.endedAfterMs = clock.now() - copied.startedAt;
        if (isWhole) own.ended = 'complete';
        else if (!call.signal.aborted) own.ended = 'broken';
      };
      return { ...reply, body: copyBody(reply.body, copy, end) };
    },
  };
}

/** The same body. By hand, since a generator would add a promise to each chunk and end differently. */
function copyBody(
  body: UpstreamReply['body'],
  copy: (chunk: Uint8Array) => void,
  onEnd: (isWhole: boolean) => void,
): UpstreamReply['body'] {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await chunks.next();
            if (result.done) onEnd(true);
            else copy(result.value);
            return result;
          } catch (thrown) {
            onEnd(false);
            throw thrown;
          }
        },
        return: async (value?: unknown) => (await chunks.return?.(value)) ?? { done: true, value: undefined },
      };
    },
  };
}

const lineEnd = 10;

function lineEndsIn(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === lineEnd) count++;
  return count;
}
