import { editRequest } from '../canonical/editRequest.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../canonical/request.ts';
import { labelDiff, labelLog, labelStatus } from './gitNoise.ts';
import { leaveOut, type Labels } from './leaveOut.ts';
import { outputKinds, type OutputKind } from './outputKind.ts';
import { isNoiseKind, labelNoise } from './programNoise.ts';
import { labelMatches } from './searchNoise.ts';
import type { Transform, TransformOptions } from './transform.ts';

/** Results with fewer lines stay as they are. */
const defaultLines = 40;

/**
 * Leaves out of tool results what says nothing, and says what that was, where it stood. What becomes of a result depends on
 * it and its own call alone, so that it stays the same in every later turn: the provider's prompt cache is kept.
 */
export function outputCompress({ min_lines: asked }: TransformOptions): Transform {
  const minLines = typeof asked === 'number' && asked >= 1 ? asked : defaultLines;
  return (request) => {
    const messages = compressMessages(request.messages, minLines);
    if (messages.every((message, index) => message === request.messages[index])) return undefined;
    return { request: editRequest(request, { messages }) };
  };
}

function compressMessages(messages: readonly Message[], minLines: number): Message[] {
  /** The newest call of each id: ids repeat between turns. */
  const calls = new Map<string, ToolCallPart>();
  return messages.map((message) => {
    const parts = message.parts.map((part) => {
      if (part.type === 'tool-call') calls.set(part.id, part);
      return part.type === 'tool-result' ? compressResult(part, calls.get(part.callId), minLines) : part;
    });
    return parts.every((part, index) => part === message.parts[index]) ? message : { ...message, parts };
  });
}

function compressResult(result: ToolResultPart, call: ToolCallPart | undefined, minLines: number): ToolResultPart {
  const kinds = call ? outputKinds(call) : [];
  if (kinds.length === 0) return result;
  const parts = result.parts.map((part): Part => {
    if (part.type !== 'text') return part;
    const text = compressOutput(part.text, kinds, minLines);
    return text === part.text ? part : { ...part, text };
  });
  return parts.every((part, index) => part === result.parts[index]) ? result : { ...result, parts };
}

/** Every line that is kept is as it was, in its place. Doing it again changes nothing. */
export function compressOutput(text: string, kinds: readonly OutputKind[], minLines = defaultLines): string {
  const lines = text.split('\n');
  if (lines.length < minLines) return text;
  const shorter = compressOnce(lines, kinds).join('\n');
  // In the result of several commands, what is left out may bring lines together that one mark can stand for.
  return shorter === text ? text : compressOutput(shorter, kinds, minLines);
}

function compressOnce(lines: readonly string[], kinds: readonly OutputKind[]): string[] {
  const noise = kinds.filter(isNoiseKind);
  const all = [
    ...(noise.length > 0 ? [labelNoise(lines, noise)] : []),
    ...kinds.filter((kind) => !isNoiseKind(kind)).map((kind) => labelsOf(kind, lines)),
  ];
  const labels: Labels = lines.map((_, index) => all.find((each) => each[index] !== undefined)?.[index]);
  return leaveOut(lines, labels);
}

function labelsOf(kind: OutputKind, lines: readonly string[]): Labels {
  switch (kind) {
    case 'git-diff':
      return labelDiff(lines);
    case 'git-log':
      return labelLog(lines);
    case 'git-status':
      return labelStatus(lines);
    case 'search':
      return labelMatches(lines);
    case 'build':
    case 'test':
    case 'install':
    case 'git-transfer':
      return labelNoise(lines, [kind]);
    default:
      return kind satisfies never;
  }
}
