import type { GatewayError } from '../canonical/errors.ts';
import type { StreamEvent } from '../canonical/events.ts';
import type { Dialect, ReplyContext } from '../dialects/dialect.ts';
import { splitRun, writeFrame, type FrameRun, type SseFrame } from '../sse/frame.ts';
import { createPieces, joinPieces, type Pieces } from '../sse/pieces.ts';
import type { Clock } from './clock.ts';
import type { ClientResponse } from './exchange.ts';

/** Interval of keep-alives while there is nothing else to send. Milliseconds. */
export const keepAliveMs = 15_000;

/** The client's stream: opened with its first frame, kept alive during silence, one write for each flush. */
export type ClientStream = {
  push(event: StreamEvent): void;
  /** Relays a provider's own frame. */
  pushFrame(frame: SseFrame): void;
  /** Relays events of a provider that came together. `text`: what the client gets of them. */
  pushRun(run: FrameRun, text: string | Pieces): void;
  /**
   * Begins a relay: from now on the writer writes nothing, but knows the stream's state, since it may have to send keep-alives.
   */
  beginRelay(): void;
  /**
   * Replays already relayed events into the writer, discarding its output, so that it can take over the stream. Returns the
   * last frame that the writer would have written.
   */
  replayIntoWriter(events: StreamEvent[]): SseFrame | undefined;
  /** Writes what was pushed. While the client is too slow, returns a promise that resolves when it may be sent more. */
  flush(): Promise<void> | undefined;
  /** Ends the stream with an error in the client's dialect. */
  fail(error: GatewayError): void;
  end(): void;
  /** Stops the keep-alives; sends nothing. */
  stop(): void;
};

export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

export type ClientStreamInput = {
  dialect: Dialect;
  context: ReplyContext;
  response: ClientResponse;
  clock: Clock;
  /** Called when the stream opens, which may be before or after a target has answered. */
  headers(): Record<string, string>;
};

export function openClientStream({ dialect, context, response, clock, headers }: ClientStreamInput): ClientStream {
  const pending = createPieces();
  let frames = 0;
  function pushFrame(frame: SseFrame): void {
    pending.add(writeFrame(frame));
    frames++;
  }
  const { writer, beginRelay, inform, replay } = openWriter(dialect, context, pushFrame);
  let over = false;
  const keepAlive = startKeepAlive(clock, () => {
    inform();
    writer.keepAlive();
    void flush();
  });

  function stop(): void {
    over = true;
    keepAlive.stop();
  }

  function open(): void {
    if (!response.isOpen()) response.open(200, { ...streamHeaders, ...headers() });
  }

  function flush(): Promise<void> | undefined {
    if (pending.isEmpty()) return undefined;
    open();
    const count = frames;
    frames = 0;
    return keepAlive.restart(response.write(pending.take(), count));
  }

  function adoptFrame(frame: SseFrame): void {
    pushFrame(writer.adoptFrame?.(frame) ?? frame);
  }

  function finish(): void {
    stop();
    open();
    response.end(pending.take());
  }

  return {
    push: (event) => writer.push(event),
    pushFrame: adoptFrame,
    pushRun(run, text) {
      if (writer.adoptRun?.(run) === false) return splitRun({ ...run, raw: joinPieces(text) }).forEach(adoptFrame);
      pending.add(text);
      frames += run.parts.length;
    },
    beginRelay,
    replayIntoWriter: replay,
    flush,
    fail(error) {
      if (over) return;
      inform();
      writer.fail(error);
      finish();
    },
    end() {
      writer.end();
      finish();
    },
    stop,
  };
}

/** A dialect's writer that can follow a relay. */
function openWriter(dialect: Dialect, context: ReplyContext, send: (frame: SseFrame) => void) {
  /** Collects the writer's frames during a replay, in place of sending them. */
  let muted: SseFrame[] | undefined;
  const writer = dialect.streamWriter(context)((frame) => {
    if (muted) muted.push(frame);
    else send(frame);
  });
  /** A relay has begun, and the writer does not know it yet: few relays need it. */
  let isUnaware = false;

  function inform(): void {
    if (!isUnaware) return;
    isUnaware = false;
    replay([{ type: 'start' }]);
  }

  function replay(events: StreamEvent[]): SseFrame | undefined {
    inform();
    const discarded: SseFrame[] = [];
    muted = discarded;
    for (const event of events) writer.push(event);
    muted = undefined;
    return discarded.at(-1);
  }

  return {
    writer,
    beginRelay(): void {
      isUnaware = true;
      // One that numbers events has to see each of them.
      if (writer.adoptFrame) inform();
    },
    inform,
    replay,
  };
}

/** Calls `send` each time that nothing was written for a while. */
function startKeepAlive(clock: Clock, send: () => void) {
  let writtenAt = clock.now();
  /** How many writes a client that is behind has not taken yet. */
  let untaken = 0;
  let cancel = clock.after(keepAliveMs, check);

  /** Reschedules itself when it fires early, which is cheaper than restarting a timer for each write. */
  function check(): void {
    const leftMs = writtenAt + keepAliveMs - clock.now();
    // The clock may have been set back.
    const isEarly = leftMs > 0 && leftMs <= keepAliveMs;
    cancel = clock.after(untaken === 0 && isEarly ? leftMs : keepAliveMs, check);
    if (untaken === 0 && !isEarly) send();
  }

  return {
    /** After a write; `behind` resolves when the client has caught up. */
    restart(behind: Promise<void> | undefined): Promise<void> | undefined {
      writtenAt = clock.now();
      if (!behind) return undefined;
      // A client that is behind still has frames to read.
      untaken++;
      return behind.then(() => {
        untaken--;
        writtenAt = clock.now();
      });
    },
    stop: () => cancel(),
  };
}
