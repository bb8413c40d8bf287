import { GatewayError, type ErrorKind } from '../canonical/errors.ts';
import type { Upstream, UpstreamCall } from '../gateway/upstream.ts';
import type { Capture, CaptureMetadata } from './format.ts';
import type { ReplayClock } from './replayClock.ts';

/** Answers one request as the capture's provider did, and keeps what was sent. No network is used. */
export function recordedUpstream(
  capture: Capture,
  { attempt, reply }: CaptureMetadata,
  clock: ReplayClock,
): Upstream & { calls: UpstreamCall[] } {
  const calls: UpstreamCall[] = [];
  return {
    calls,
    async send(call) {
      calls.push(call);
      const { error } = attempt;
      if (reply)
        return {
          status: capture.response_status,
          headers: reply.headers,
          body: recordedBody(capture.response_body, reply, attempt.started_at, call.signal, clock),
        };
      if (error?.kind !== 'timeout' && error)
        throw new GatewayError(error.kind as ErrorKind, error.message.slice(0, 4000));
      await clock.runOut(() => call.signal.aborted);
      throw call.signal.aborted ? call.signal.reason : new GatewayError('connection', 'The capture has no response.');
    },
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
}

async function* recordedBody(
  text: string,
  { pieces, ended, ended_after_ms: endedAfterMs = 0 }: NonNullable<CaptureMetadata['reply']>,
  startedAt: number,
  signal: AbortSignal,
  clock: ReplayClock,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const [index, [atMs, lineEnds]] of pieces.entries()) {
    await clock.advanceTo(startedAt + atMs);
    if (signal.aborted) throw signal.reason;
    const isLast = index === pieces.length - 1;
    const end = isLast ? text.length : afterLines(text, at, lineEnds);
    if (end > at) yield Buffer.from(text.slice(at, end));
    at = end;
  }
  if (ended !== 'unread') await clock.advanceTo(startedAt + endedAfterMs);
  if (ended === 'broken') throw new Error('terminated');
  if (ended === 'complete') return;
  await clock.runOut(() => signal.aborted);
  if (signal.aborted) throw signal.reason;
}

/** Where a text goes on after so many line ends. */
function afterLines(text: string, from: number, count: number): number {
  let at = from;
  for (let line = 0; line < count; line++) {
    const end = text.indexOf('\n', at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}
