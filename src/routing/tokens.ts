import type { ChatRequest, Message, Part, Tool } from '../canonical/request.ts';

/** A request's estimated tokens, by component. */
export type TokenEstimate = { system: number; messages: number; tools: number; total: number };

/** An image of usual size; its bytes do not matter. Tokens. */
const imageTokens = 1600;

/** A document of a few pages; only the provider can count it. Tokens. */
const fileTokens = 3000;

/** Overhead of a message or a block. Tokens. */
const overhead = 4;

/** Overhead of a tool's declaration: field names, brackets and quotes. Tokens. */
const toolOverhead = 8;

/** How texts and JSON are measured, in tokens. */
export type Measure = { text(text: string): number; json(json: unknown): number };

const exactly: Measure = { text: estimateTokens, json: (json) => estimateTokens(JSON.stringify(json) ?? '') };

/** Estimates the input tokens of a request. Counts only what the model sees. */
export function estimateRequest(
  { messages, tools }: Pick<ChatRequest, 'messages' | 'tools'>,
  measure: Measure = exactly,
): TokenEstimate {
  const estimate = { system: 0, messages: 0, tools: 0 };
  for (const message of messages) {
    const isSystem = message.role === 'system' || message.role === 'developer';
    estimate[isSystem ? 'system' : 'messages'] += estimateMessage(message, measure);
  }
  for (const tool of tools) estimate.tools += estimateTool(tool, measure);
  return { ...estimate, total: estimate.system + estimate.messages + estimate.tools };
}

function estimateMessage({ parts }: Message, measure: Measure): number {
  return parts.reduce((total, part) => total + estimatePart(part, measure), overhead);
}

function estimatePart(part: Part, measure: Measure): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return measure.text(part.text);
    case 'tool-call':
      return overhead + measure.text(part.name) + measure.text(part.input);
    case 'tool-result':
      return part.parts.reduce((total, each) => total + estimatePart(each, measure), overhead);
    case 'image':
      return imageTokens;
    case 'file':
    case 'audio':
      return fileTokens;
    case 'native':
      return measure.json(part.json);
    default:
      return part satisfies never;
  }
}

function estimateTool(tool: Tool, measure: Measure): number {
  switch (tool.kind) {
    case 'function':
      return toolOverhead + measure.text(`${tool.name}${tool.description ?? ''}`) + measure.json(tool.parameters);
    case 'custom':
      return toolOverhead + measure.text(`${tool.name}${tool.description ?? ''}`) + measure.json(tool.format ?? {});
    case 'hosted':
      return toolOverhead + measure.json(tool.json);
    default:
      return tool satisfies never;
  }
}

/**
 * Estimates a text's tokens from runs of similar characters: within about 10% of o200k on code, prose, JSON and CJK. Linear
 * on any input, unlike real tokenizers (100 KB of one letter take one of them 8 s). The weights and how they were measured
 * are in providers.md, "Token estimator".
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let index = 0;
  while (index < text.length) {
    const kind = kindOf(text.charCodeAt(index));
    const end = endOfRun(text, index, kind);
    tokens += weigh(kind, end - index);
    index = end;
  }
  return Math.ceil(tokens);
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
