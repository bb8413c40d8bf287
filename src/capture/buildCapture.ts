import { fieldsWhere, parseJson } from '../canonical/json.ts';
import type { RequestRecord } from '../gateway/record.ts';
import type { UpstreamReply } from '../gateway/upstream.ts';
import type { CopiedAnswer, CopiedAttempt, CopiedReply, CopiedRequest } from './copyRequest.ts';
import { maxFileBytes, type Capture, type CaptureMetadata } from './format.ts';
import { scrubConfig, type CaptureScrub } from './scrubCapture.ts';
import type { Steps } from './slices.ts';

export type BuildOptions = {
  /** CCR's. */
  version: string;
  scrub: CaptureScrub;
  includeHeaders: boolean;
  maxBodyBytes: number;
  /** The number in the file. */
  id: number;
  /** The request as `ccr explain` shows it. */
  view(record: RequestRecord): object;
};

const goneClient = 'The client closed the connection.';

/** The capture of one attempt, without secrets. */
export function* buildCapture(copied: CopiedAttempt, request: CopiedRequest, options: BuildOptions): Steps<Capture> {
  const { scrub, includeHeaders, maxBodyBytes, id } = options;
  const { facts, call, reply } = copied;
  const isLast = copied.number === request.attemptsMade;
  const body = reply ? yield* bodyText(reply, maxBodyBytes, scrub) : { text: '', isCut: false };
  const failure = failureOf(copied, request);
  const error = failure?.message ?? (request.exchange.signal.aborted && isLast ? goneClient : undefined);
  const status = reply?.status ?? 0;
  return {
    request_id: id,
    provider: facts.target.provider,
    tier_name: facts.target.tier,
    model: facts.target.model,
    timestamp: new Date(copied.startedAt + copied.latencyMs).toISOString(),
    url: scrub.url(call?.url ?? ''),
    method: 'POST',
    ...(includeHeaders && { request_headers: scrub.headers(call?.headers ?? {}) }),
    request_body: yield* scrub.jsonInSteps(parseJson(call?.body ?? '') ?? null),
    response_status: status,
    ...(includeHeaders && reply && { response_headers: scrub.headers(reply.headers) }),
    response_body: body.text,
    response_truncated: body.isCut,
    latency_ms: copied.latencyMs,
    is_streaming: facts.stream,
    success: error === undefined && status >= 200 && status < 300,
    ...(error !== undefined && { error: scrub.wire(error) }),
    metadata: { ccr: yield* metadataOf(copied, request, isLast ? request.answer : undefined, options) },
  };
}

/** The file of a capture. What replay can do without is left out if it would be too large; undefined if that is not enough. */
export function* captureText(capture: Capture, scrub: CaptureScrub): Steps<string | undefined> {
  const ccr = capture.metadata?.ccr;
  const { answer: _, ...withoutAnswer } = ccr ?? {};
  const { body: __, ...withoutBody } = ccr?.request ?? {};
  const smaller = [
    { ...capture.metadata, ccr },
    { ...capture.metadata, ccr: withoutAnswer },
    { ...capture.metadata, ccr: { ...withoutAnswer, request: withoutBody } },
  ];
  for (const metadata of smaller) {
    const written = `${JSON.stringify({ ...capture, metadata }, null, 2)}\n`;
    yield;
    const text = scrub.file(written);
    if (Buffer.byteLength(text) <= maxFileBytes) return text;
  }
  return undefined;
}

/** Why an attempt counts as failed: before its first content, or later, when the answer was this target's already. */
export function failureOf(
  { error, number }: CopiedAttempt,
  { record, attemptsMade, exchange }: CopiedRequest,
): { kind: string; message: string } | undefined {
  if (error) return { kind: error.kind, message: error.message };
  if (!record.error || number !== attemptsMade || exchange.signal.aborted) return undefined;
  return { kind: record.error.kind, message: record.error.message };
}

function* metadataOf(
  copied: CopiedAttempt,
  request: CopiedRequest,
  answer: CopiedAnswer | undefined,
  { scrub, version, view, maxBodyBytes, includeHeaders }: BuildOptions,
): Steps<CaptureMetadata> {
  const { facts, number, startedAt, recalled, reply } = copied;
  const { exchange, record, parameters } = request;
  const error = failureOf(copied, request);
  return {
    format: 1,
    version,
    request: {
      id: exchange.id,
      started_at: record.startedAt,
      dialect: exchange.dialect.id,
      client: exchange.client,
      headers: scrub.headers(includeHeaders ? exchange.headers : clientHeaders(exchange.headers)),
      query: scrub.url(`http://c/${exchange.query}`).slice('http://c/'.length),
      ...(exchange.preset === undefined ? {} : { preset: exchange.preset }),
      ...(exchange.scope === undefined ? {} : { scope: exchange.scope }),
      body: yield* scrub.jsonInSteps(exchange.body),
    },
    attempt: {
      number,
      started_at: startedAt,
      stream: facts.stream,
      retries: facts.retries,
      parameters: scrub.json(parameters) as Record<string, unknown>,
      without_proofs: facts.withoutProofs,
      without_effort: facts.withoutEffort,
      remedies: [...facts.remedies],
      recalled: (yield* scrub.jsonInSteps(recalled.map((turn) => turn ?? null))) as (unknown[] | null)[],
      ...(error && { error: { kind: error.kind, message: scrub.wire(error.message) } }),
    },
    ...(reply && {
      reply: {
        ended: reply.ended,
        ...(reply.endedAfterMs !== undefined && { ended_after_ms: reply.endedAfterMs }),
        headers: scrub.headers(replyHeaders(reply.headers)),
        pieces: reply.pieces,
      },
    }),
    ...(answer && answer.status !== 0 && { answer: yield* answerOf(answer, maxBodyBytes, scrub) }),
    config: scrubConfig(facts.config, scrub),
    record: scrub.json(JSON.parse(JSON.stringify(view(record)))) as Record<string, unknown>,
  };
}

/** The client's headers that decide what a provider gets, and by which CCR knows what the request is for. */
function clientHeaders(headers: Record<string, string | undefined>): Record<string, string | undefined> {
  return select(
    headers,
    /^(?:openai-beta|anthropic-[\w-]+|x-stainless-lang|originator|user-agent|x-claude-code-[\w-]+)$/,
  );
}

/** A provider's headers that CCR reads. The body is kept decoded. */
function replyHeaders(headers: UpstreamReply['headers']): UpstreamReply['headers'] {
  return select(headers, /^(?:content-type|location|retry-after(?:-ms)?|(?:x|anthropic)-ratelimit-[\w-]+)$/);
}

function select<Value>(headers: Record<string, Value>, names: RegExp): Record<string, Value> {
  return fieldsWhere(headers, (name) => names.test(name));
}

function* bodyText(
  { chunks, isCut }: CopiedReply,
  maxBytes: number,
  scrub: CaptureScrub,
): Steps<{ text: string; isCut: boolean }> {
  const text = yield* scrub.wireInSteps(new TextDecoder().decode(Buffer.concat(chunks)));
  const kept = cutBytes(text, maxBytes);
  return { text: kept, isCut: isCut || kept.length < text.length };
}

function* answerOf(
  { status, text, isCut }: CopiedAnswer,
  maxBytes: number,
  scrub: CaptureScrub,
): Steps<CaptureMetadata['answer']> {
  const whole = yield* scrub.wireInSteps(text);
  const kept = cutBytes(whole, maxBytes);
  return { status, text: kept, truncated: isCut || kept.length < whole.length };
}

/** Never splits a character. */
function cutBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
