import { GatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { parseJson } from '../canonical/json.ts';
import { redact } from '../canonical/providerError.ts';
import type { Stage } from '../canonical/stage.ts';
import type { Dialect, ReadOptions } from '../dialects/dialect.ts';
import type { Clock } from './clock.ts';
import { peek } from './peek.ts';
import { deltaStages, readText, streamSource, wholeSource, type ReplySource } from './replySource.ts';
import type { Scrub } from './scrub.ts';
import type { UpstreamReply } from './upstream.ts';
import type { Watchdog } from './watchdog.ts';

/** How one provider's replies are read. */
export type ReplyReading = {
  /** `provider,model`, for errors. */
  target: string;
  dialect: Dialect;
  options: ReadOptions;
  quirk: Stage<Delta, Delta> | undefined;
  scrub: Scrub;
};

/**
 * Opens a reply as what its first bytes say that it is, an event stream or JSON: content types get lost or are wrong
 * (openclaw#96497). `json` is a whole reply as it came.
 */
export async function openReply(
  reply: UpstreamReply,
  reading: ReplyReading,
  watchdog: Watchdog,
  clock: Clock,
): Promise<ReplySource & { json?: unknown }> {
  const { dialect, options, quirk } = reading;
  const readEvents = (body: UpstreamReply['body']): ReplySource =>
    streamSource(body, deltaStages(dialect, options, quirk), watchdog, clock);
  const { head, rest } = await peek(reply.body, hasBeginning);
  const beginning = beginningOf(head);
  const isLabelled = /event-stream|ndjson/i.test(String(reply.headers['content-type']));
  const isJson = /^[{[]/.test(beginning);
  if (eventsBeginning.test(beginning) || (isLabelled && !isJson)) return readEvents(rest);
  const text = await readText(rest, watchdog.signal);
  if (isJson && parseJson(text) === undefined && isJsonLines(text)) return readEvents(oneChunk(text));
  const json = parseReply(text, reading);
  return { ...wholeSource(json, dialect, options, quirk), json };
}

const eventsBeginning = /^(?:data|event|id|retry)?:/;

function beginningOf(head: Uint8Array): string {
  return new TextDecoder().decode(head).trimStart();
}

function hasBeginning(head: Uint8Array): boolean {
  return beginningOf(head).length >= 'retry:'.length;
}

/** Events without field names, a JSON text each. */
function isJsonLines(text: string): boolean {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every((line) => parseJson(line) !== undefined);
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function parseReply(text: string, { target, scrub }: ReplyReading): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    const beginning = redact(scrub(text.trim()).slice(0, 200));
    const what = beginning ? `it begins with: ${beginning}` : 'it is empty';
    throw new GatewayError('protocol', `${target} sent a reply that is neither JSON nor an event stream; ${what}`, {
      cause: thrown,
    });
  }
}
