import { GatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { isObject, isTooDeep, parseJson } from '../canonical/json.ts';
import { parseLenient } from '../canonical/lenientJson.ts';
import { redact } from '../canonical/providerError.ts';
import { runStage, type Stage } from '../canonical/stage.ts';
import type { Relayed } from '../providers/provider.ts';
import type { Dialect, ReadOptions } from '../dialects/dialect.ts';
import { unwrap } from '../dialects/envelope.ts';
import { readStages } from './batcher.ts';
import type { Clock } from './clock.ts';
import { peek } from './peek.ts';
import { saysTheSame } from './repairReply.ts';
import { cleanErrors } from './replyErrors.ts';
import { readText, streamError, streamSource, wholeSource, type ReplySource } from './replySource.ts';
import type { Scrub } from './scrub.ts';
import type { UpstreamReply } from './upstream.ts';
import type { Watchdog } from './watchdog.ts';

/** How one provider's replies are read. */
export type ReplyReading = {
  /** `provider,model`, for errors. */
  target: string;
  dialect: Dialect;
  options: ReadOptions;
  /** What of it may be relayed. */
  relay: Relayed;
  /** What the rest passes through; undefined if frames are relayed. */
  stage: Stage<Delta, Delta> | undefined;
  /** How many answers it has: further ones are not read. */
  choices: number;
  scrub: Scrub;
};

/** `untouched`: whether its frames, or `json`, may be relayed as they came. */
type OpenedReply = ReplySource & { json?: unknown; untouched: boolean };

/**
 * Opens a reply as what its first bytes say that it is, an event stream or JSON: content types get lost or are wrong
 * (openclaw#96497). `json` is a whole reply as it came.
 */
export async function openReply(
  reply: UpstreamReply,
  reading: ReplyReading,
  watchdog: Watchdog,
  clock: Clock,
): Promise<OpenedReply> {
  const { dialect, options, relay, stage, scrub } = reading;
  const untouched = relay === 'frames';
  const readEvents = (body: UpstreamReply['body']): OpenedReply => {
    const stages = readStages(dialect, options, stage);
    const clean = (deltas: Delta[]): Delta[] => cleanErrors(deltas, scrub, untouched);
    return { ...streamSource(body, { stages, clean, scrub }, watchdog, clock), untouched };
  };
  const { head, rest } = await peek(reply.body, hasBeginning, { skipsBlanks: true }).catch((thrown: unknown) => {
    throw streamError(thrown, watchdog.signal);
  });
  const beginning = beginningOf(head);
  const isLabelled = /event-stream|ndjson/i.test(String(reply.headers['content-type']));
  const isJson = /^[{[]/.test(beginning);
  if (eventsBeginning.test(beginning) || (isLabelled && !isJson)) return readEvents(rest);
  const text = await readText(rest, watchdog.signal);
  if (isJson && parseJson(text) === undefined && isJsonLines(text)) return readEvents(oneChunk(text));
  const json = unwrap(parseReply(text, reading));
  return isListOfEvents(json)
    ? readEvents(oneChunk(json.map((event) => JSON.stringify(event)).join('\n')))
    : readWhole(json, reading);
}

function readWhole(json: unknown, { dialect, options, relay, stage, choices, scrub }: ReplyReading): OpenedReply {
  const read = dialect.readReply(json, options);
  const repair = choices > 1 ? undefined : stage;
  const deltas = repair ? runStage(repair, read) : read;
  const untouched = repair
    ? relay === 'json' && saysTheSame(read, deltas) && dialect.canRelayReply?.(json) !== false
    : relay !== 'nothing';
  return { ...wholeSource(cleanErrors(deltas, scrub, untouched)), json, untouched };
}

const longestField = 'retry:'.length;

/** Where that much is found unless white space comes first. Bytes. */
const usualBeginning = 64;

const eventsBeginning = /^(?:data|event|id|retry)?:/i;

/** Blanks that came in another way than all others are no reason to collect more. Bytes. */
const longestBeginning = 4096;

/** A byte order mark counts as white space. */
function beginningOf(head: Uint8Array): string {
  const start = textOf(head.subarray(0, usualBeginning));
  return start.length >= longestField || head.length <= usualBeginning ? start : textOf(head);
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('utf8').trimStart();
}

function hasBeginning(head: Uint8Array): boolean {
  return head.length >= longestBeginning || beginningOf(head).length >= longestField;
}

/** Events without field names, a JSON text each. */
function isJsonLines(text: string): boolean {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every((line) => parseJson(line) !== undefined);
}

/** The events of a stream as one list. */
function isListOfEvents(json: unknown): json is unknown[] {
  return (
    Array.isArray(json) &&
    json.length > 1 &&
    json.every((each) => isObject(each) && ('choices' in each || 'type' in each))
  );
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function parseReply(text: string, { target, scrub }: ReplyReading): unknown {
  try {
    const reply = JSON.parse(text) as unknown;
    if (!isTooDeep(reply)) return reply;
  } catch (thrown) {
    const repaired = parseLenient(text);
    if (repaired) return repaired;
    const beginning = redact(scrub(text.trim()).slice(0, 200));
    const what = beginning ? `it begins with: ${beginning}` : 'it is empty';
    throw new GatewayError('protocol', `${target} sent a reply that is neither JSON nor an event stream; ${what}`, {
      cause: thrown,
    });
  }
  throw new GatewayError('protocol', `${target} sent a reply that is nested too deeply.`);
}
