import { editRequest } from '../canonical/editRequest.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../canonical/request.ts';
import { labelDiff, labelLog, labelStatus } from './gitNoise.ts';
import { leaveOut, type Labels } from './leaveOut.ts';
import { outputKinds, type OutputKind } from './outputKind.ts';
import { isNoiseKind, labelNoise } from './programNoise.ts';
import { labelMatches } from './searchNoise.ts';
import type { Transform, TransformOptions } from './transform.ts';

/** Results with fewer lines are not compressed. */
const defaultLines = 40;

/**
 * Removes noise from tool results and leaves a note of what was removed in its place. The output depends only on the result
 * and its own call, so it is the same in every later turn and the provider's prompt cache stays valid.
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
  /** The newest call with each id: ids repeat between turns. */
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

/** Kept lines are unchanged and in order. Idempotent. */
export function compressOutput(text: string, kinds: readonly OutputKind[], minLines = defaultLines): string {
  const lines = text.split('\n');
  if (lines.length < minLines) return text;
  const shorter = compressOnce(lines, kinds).join('\n');
  // With several commands, leaving lines out can make other removable lines adjacent, so that one mark can replace them.
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
