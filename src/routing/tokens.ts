import type { ChatRequest, Message, Part, Tool } from '../canonical/request.ts';

/** A request's estimated tokens, by component. */
export type TokenEstimate = {
  system: number;
  messages: number;
  tools: number;
  total: number;
  /** How much of the total is Chinese, Japanese or Korean, where tokenizers differ most. */
  cjk: number;
  /** How much of it is images, files and what only its own dialect understands: that is guessed. */
  guessed: number;
};

/** The tokens of a text, and how much of them is Chinese, Japanese or Korean. */
export type TextTokens = { tokens: number; cjk: number };

/** An image of usual size; its bytes do not matter. Tokens. */
const imageTokens = 1600;

/** A document of a few pages; only the provider can count it. Tokens. */
const fileTokens = 3000;

/** Overhead of a message or a block. Tokens. */
const overhead = 4;

/** Overhead of a tool's declaration: field names, brackets and quotes. Tokens. */
const toolOverhead = 8;

/** How texts and JSON are measured. */
export type Measure = { text(text: string): TextTokens; json(json: unknown): TextTokens };

const exactly: Measure = { text: measureText, json: (json) => measureText(JSON.stringify(json) ?? '') };

/** A sum over messages or tools. It is added to, since a request has thousands of parts. */
export type TokenSum = { system: number; messages: number; tools: number; cjk: number; guessed: number };

export const noTokens: Readonly<TokenSum> = { system: 0, messages: 0, tools: 0, cjk: 0, guessed: 0 };

/** Estimates the input tokens of a request. Counts only what the model sees. */
export function estimateRequest(
  { messages, tools }: Pick<ChatRequest, 'messages' | 'tools'>,
  measure: Measure = exactly,
): TokenEstimate {
  const sum = { ...noTokens };
  for (const message of messages) addMessage(sum, message, measure);
  for (const tool of tools) addTool(sum, tool, measure);
  return { ...sum, total: sum.system + sum.messages + sum.tools };
}

export function addMessage(sum: TokenSum, { role, parts }: Message, measure: Measure): void {
  let tokens = overhead;
  for (const part of parts) tokens += addPart(sum, part, measure);
  sum[role === 'system' || role === 'developer' ? 'system' : 'messages'] += tokens;
}

/** The tokens of a part, of which `sum` gets the kinds. */
function addPart(sum: TokenSum, part: Part, measure: Measure): number {
  const add = ({ tokens, cjk }: TextTokens): number => {
    sum.cjk += cjk;
    return tokens;
  };
  const guess = (tokens: number): number => {
    sum.guessed += tokens;
    return tokens;
  };
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return add(measure.text(part.text));
    case 'tool-call':
      return overhead + add(measure.text(part.name)) + add(measure.text(part.input));
    case 'tool-result':
      return part.parts.reduce((total, each) => total + addPart(sum, each, measure), overhead);
    case 'image':
      return guess(imageTokens);
    case 'file':
    case 'audio':
      return guess(fileTokens);
    case 'native':
      return guess(measure.json(part.json).tokens);
    default:
      return part satisfies never;
  }
}

export function addTool(sum: TokenSum, tool: Tool, measure: Measure): void {
  const add = ({ tokens, cjk }: TextTokens): void => {
    sum.tools += tokens;
    sum.cjk += cjk;
  };
  sum.tools += toolOverhead;
  if (tool.kind === 'hosted') return add(measure.json(tool.json));
  add(measure.text(tool.name));
  add(measure.text(tool.description ?? ''));
  add(measure.json(tool.kind === 'function' ? tool.parameters : (tool.format ?? {})));
}

/** The tokens of a text: see measureText. */
export function estimateTokens(text: string): number {
  return measureText(text).tokens;
}

/**
 * Estimates a text's tokens from runs of similar characters: within about 10% of o200k on code, prose, JSON and CJK. Linear
 * on any input, unlike real tokenizers (100 KB of one letter take one of them 8 s). The weights and how they were measured
 * are in providers.md, "Token estimator".
 */
export function measureText(text: string): TextTokens {
  let tokens = 0;
  let cjk = 0;
  let index = 0;
  while (index < text.length) {
    const kind = kindOf(text.charCodeAt(index));
    const end = endOfRun(text, index, kind);
    const weight = weigh(kind, end - index);
    tokens += weight;
    if (kind === 'han' || kind === 'kana' || kind === 'hangul' || kind === 'wide') cjk += weight;
    index = end;
  }
  return { tokens: Math.ceil(tokens), cjk: Math.round(cjk) };
}

type Kind =
  | 'letter'
  | 'digit'
  | 'space'
  | 'newline'
  | 'punctuation'
  | 'han'
  | 'kana'
  | 'hangul'
  | 'wide'
  | 'surrogate'
  | 'other';

/** Kinds whose characters are weighed as one run; the others are weighed one by one. */
const runs: ReadonlySet<Kind> = new Set(['digit', 'space', 'newline', 'punctuation']);

function kindOf(code: number): Kind {
  if (code < 128) return kindOfAscii(code);
  if (code >= 0xac00 && code <= 0xd7af) return 'hangul';
  if ((code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff)) return 'han';
  if (code >= 0x3040 && code <= 0x30ff) return 'kana';
  if ((code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xffef)) return 'wide';
  return code >= 0xd800 && code <= 0xdbff ? 'surrogate' : 'other';
}

function kindOfAscii(code: number): Kind {
  const lower = code | 32;
  if (lower >= 97 && lower <= 122) return 'letter';
  if (code >= 48 && code <= 57) return 'digit';
  if (code === 32 || code === 9) return 'space';
  if (code === 10 || code === 13) return 'newline';
  return 'punctuation';
}

/** The end of the run at `start`, always greater than `start`. */
function endOfRun(text: string, start: number, kind: Kind): number {
  let end = start + 1;
  if (kind === 'letter') {
    // An upper-case letter after a lower-case one starts a new word.
    for (let isLower = text.charCodeAt(start) >= 97; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (kindOf(code) !== 'letter' || (isLower && code < 97)) break;
      isLower = code >= 97;
    }
  } else if (kind === 'surrogate') {
    // The second half of the pair, if there is one.
    if (end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00) end++;
  } else if (runs.has(kind)) {
    while (end < text.length && kindOf(text.charCodeAt(end)) === kind) end++;
  }
  return end;
}

function weigh(kind: Kind, length: number): number {
  switch (kind) {
    case 'letter':
      return weighWord(length);
    case 'digit':
      return Math.ceil(length / 3);
    case 'space':
      // A single space is part of the following word's token.
      return length > 1 ? 0.9 : 0;
    case 'newline':
      return 0.45;
    case 'punctuation':
      if (length === 1) return 0.72;
      return length <= 4 ? 1.15 : 1 + (length - 4) * 0.2;
    case 'han':
      return 0.82;
    case 'kana':
      return 0.7;
    case 'hangul':
      return 0.72;
    case 'wide':
      return 0.8;
    case 'surrogate':
      return 2;
    case 'other':
      return 0.5;
    default:
      return kind satisfies never;
  }
}

function weighWord(length: number): number {
  if (length <= 8) return 1;
  if (length <= 20) return 1 + (length - 8) * 0.16;
  return length <= 60 ? 3 + (length - 20) * 0.3 : 15 + (length - 60) * 0.6;
}
