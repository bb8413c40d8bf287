import type { Message, Part, ToolCallPart, ToolResultPart } from './request.ts';

/** Replaces a missing result: the client was interrupted, or lost it. */
export const abortedResult = 'aborted';

/**
 * Returns a history in which every tool call has exactly one result, right after the assistant message that made the call,
 * as strict providers require: results are moved to their call, a missing one becomes "aborted", ids that repeat within one
 * message are made unique, and a result without a call becomes a user message, so that its content is not lost.
 * A result belongs to the nearest earlier call with its id that has no result yet, since ids repeat between turns.
 */
export function repairTools(messages: readonly Message[]): readonly Message[] {
  if (toolsAreInOrder(messages)) return messages;
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') {
      turns.push(openTurn(message));
      continue;
    }
    const rest = message.parts.filter((part) => !(part.type === 'tool-result' && takeResult(turns, part)));
    if (rest.length > 0 || message.role !== 'tool')
      turns.push({ messages: strayMessages({ ...message, parts: rest }), calls: [] });
  }
  return turns.flatMap((turn) => [...turn.messages, ...resultMessages(turn.calls)]);
}

/** Whether every call has exactly one result, directly after its message, and every result has a call. Strict providers accept such a history unchanged. */
export function toolsAreInOrder(messages: readonly Message[]): boolean {
  return callsAreAnswered(messages, 'directly');
}

/** Whether every call has exactly one result after it and every result an earlier call. `directly`: before any other message. */
export function callsAreAnswered(messages: readonly Message[], when: 'directly' | 'later'): boolean {
  const open = new Set<string>();
  for (const { role, parts } of messages) {
    if (when === 'directly' && role !== 'tool' && open.size > 0) return false;
    for (const part of parts) {
      if (part.type === 'tool-result' && !open.delete(part.callId)) return false;
      if (part.type !== 'tool-call') continue;
      if (open.has(part.id)) return false;
      open.add(part.id);
    }
  }
  return open.size === 0;
}

/** Joins consecutive assistant messages, which strict providers refuse. */
export function mergeAssistants(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (message.role === 'assistant' && last?.role === 'assistant') {
      merged[merged.length - 1] = { ...last, parts: [...last.parts, ...message.parts] };
    } else {
      merged.push(message);
    }
  }
  return merged;
}

/** `id` is the call's own, `part.id` the one that is unique within its message. */
type OpenCall = { id: string; part: ToolCallPart; result?: ToolResultPart };
type Turn = { messages: Message[]; calls: OpenCall[] };

function openTurn(message: Message): Turn {
  const taken = new Set(message.parts.filter((part) => part.type === 'tool-call').map((part) => part.id));
  const seen = new Set<string>();
  const calls: OpenCall[] = [];
  const parts = message.parts.map((part) => {
    if (part.type !== 'tool-call') return part;
    const unique = { ...part, id: seen.has(part.id) ? freshId(part.id, taken) : part.id };
    seen.add(unique.id);
    calls.push({ id: part.id, part: unique });
    return unique;
  });
  return { messages: [{ ...message, parts }], calls };
}

function freshId(id: string, taken: Set<string>): string {
  let count = 2;
  while (taken.has(`${id}_${count}`)) count += 1;
  taken.add(`${id}_${count}`);
  return `${id}_${count}`;
}

function takeResult(turns: Turn[], part: ToolResultPart): boolean {
  for (const turn of turns.toReversed()) {
    const call = turn.calls.find((each) => each.id === part.callId && each.result === undefined);
    if (call) {
      call.result = { ...part, callId: call.part.id };
      return true;
    }
  }
  return false;
}

function resultMessages(calls: OpenCall[]): Message[] {
  return calls.map(({ part, result }) => ({ role: 'tool', parts: [result ?? aborted(part)] }));
}

function aborted(call: ToolCallPart): ToolResultPart {
  return {
    type: 'tool-result',
    callId: call.id,
    kind: call.kind,
    isError: false,
    parts: [{ type: 'text', text: abortedResult }],
  };
}

/** Turns the remaining parts of a tool message, which are results without a call, into a user message. */
function strayMessages(message: Message): Message[] {
  if (!message.parts.some((part) => part.type === 'tool-result')) return [message];
  const parts = message.parts.flatMap((part): Part[] => {
    if (part.type !== 'tool-result') return [part];
    const note = `[Result of the tool call ${part.callId}, which is no longer part of this conversation]`;
    return [{ type: 'text', text: note }, ...part.parts];
  });
  return [{ role: 'user', parts }];
}
