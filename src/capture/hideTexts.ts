import { createPromptFilter } from '../gateway/promptFilter.ts';
import { isSealed } from '../reasoning/sealer.ts';
import { captureSealer, reseal } from './captureSealer.ts';
import { editJson, editWire, type FindSpans, type Span } from './texts.ts';

/** Replaces what people and models wrote. What it does to a part of a text does not depend on the rest, so that replays agree. */
export type Hiding = {
  json(value: unknown): unknown;
  /** JSON, an event stream, or any text. */
  wire(text: string): string;
  /** An error, without what it quotes of the conversation. */
  error(text: string): string;
};

/** Fields with names and words of the protocols. All others hold texts of users and models. */
const protocolFields = new Set(
  `model type role name id call_id tool_use_id tool_call_id item_id response_id previous_response_id status object finish_reason
  native_finish_reason stop_reason service_tier effort verbosity tool_choice format detail media_type mime_type required enum event
  code param ttl syntax provider system_fingerprint schema truncation include phase namespace display mode strict`.split(
    /\s+/,
  ),
);

/** Fields with errors, which are of use, but may quote the conversation. */
const errorFields = new Set(['message', 'error', 'msg']);

/** Within these objects, every field is somebody's own. */
const freeObjects = /\.(?:input|arguments|args|metadata|client_metadata) /;

/** What steers how a text is read: tags of thinking and of calls in text, the marks of users, the beginning of encoded data. */
const structure = new RegExp(
  [
    String.raw`<CCR-SUBAGENT-MODEL>[^<]{0,200}</CCR-SUBAGENT-MODEL>`,
    String.raw`</?(?:[\w-]{1,20}:)?(?:think(?:ing)?|thought|reasoning|tool_calls?|tool_response|function(?:_calls?)?|invoke|param(?:eter)?s?|arg_(?:key|value))\b`,
    String.raw`<\|[\w-]{1,40}\|>`,
    String.raw`\[/?(?:THINK|TOOL_CALLS|ARGS|search|web)\]`,
    '◁/?think▷',
    String.raw`^data:[\w/+.-]{1,60};base64,`,
    'https?://',
  ].join('|'),
  'g',
);

/** @param said the conversation, as JSON values */
export function createHiding(said: readonly unknown[]): Hiding {
  const filter = createPromptFilter(...said);
  const resealText = reseal(captureSealer());
  const find: FindSpans = (text, field, place) => {
    const isFree = freeObjects.test(place);
    if (!isFree && protocolFields.has(field)) return [];
    if (isSealed(text))
      return whole(
        text,
        resealText(text, (content) => editWire(content, find)),
      );
    if (!isFree && errorFields.has(field)) return whole(text, filter(text));
    return whole(text, field === '' && place === '' ? lineOf(text) : hidden(text));
  };
  /** A line that is not JSON: events and comments are of the protocol. */
  const lineOf = (line: string): string =>
    /^\s*(?:event|id|retry|:|data:\s*\[DONE\])/.test(line) ? line : filter(line);
  return {
    json: (value) => editJson(value, find),
    wire: (text) => editWire(text, find),
    error: filter,
  };
}

function whole(text: string, by: string): Span[] {
  return by === text ? [] : [{ from: 0, to: text.length, by }];
}

/** As long as the text: letters become x, digits 0. The names in JSON stay, since a call needs them. */
function hidden(text: string): string {
  return /^\s*[{[]/.test(text) ? hiddenJson(text) : hiddenProse(text);
}

function hiddenProse(text: string): string {
  let rest = '';
  let at = 0;
  for (const match of text.matchAll(structure)) {
    rest += withoutWords(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return rest + withoutWords(text.slice(at));
}

function withoutWords(text: string): string {
  return text
    .replaceAll(/\p{L}/gu, (letter) => 'x'.repeat(letter.length))
    .replaceAll(/\p{N}/gu, (digit) => '0'.repeat(digit.length));
}

/** Texts in JSON, which may be incomplete. An escape sequence stays. */
const jsonText = /"((?:[^"\\]|\\.)*)("?)(\s*:)?/gs;

function hiddenJson(text: string): string {
  return text.replaceAll(jsonText, (found, content: string, end: string, colon = '') => {
    if (colon !== '' && /^[\w$.-]{1,64}$/.test(content)) return found;
    const shown = content.replaceAll(/\\(?:u[0-9a-f]{4}|.)|[^\\]+/gis, (part) =>
      part.startsWith('\\') ? part : withoutWords(part),
    );
    return `"${shown}${end}${colon}`;
  });
}
