import { editRequest } from '../canonical/editRequest.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { ChatRequest, Message, Part, ToolCallPart, ToolResultPart } from '../canonical/request.ts';
import { createResultComparison } from './sameResult.ts';

/** How often the same calls with the same results may follow each other: then the model is told, and later the turn ends. */
export type LoopLimits = { noteAfter: number; stopAfter: number };

/** Loops of up to this many different calls are found. */
const longestCycle = 3;

/** A call with its result, at its place in the history. */
type Step = { call: ToolCallPart; result: ToolResultPart; message: number; part: number };

/**
 * Guards against agents that repeat themselves. The model is told in the result of the repeated call, at the same places on
 * each turn, so that the provider's prompt cache stays valid. What a user writes starts the count again.
 * @throws GatewayError `stopped` if the newest calls are beyond `stopAfter`
 */
export function guardLoops(request: ChatRequest, { noteAfter, stopAfter }: LoopLimits): ChatRequest {
  const { messages } = request;
  if (!messages.some(hasResult)) return request;
  // The model is told before its turn ends, also with limits that say otherwise.
  const notedFrom = Math.min(noteAfter, Math.max(stopAfter - 1, 2));
  const notes = new Map<string, number>();
  let newest: { name: string; times: number } | undefined;
  const isSameResult = createResultComparison();
  for (const steps of stretchesOf(messages)) {
    newest = undefined;
    const counts = countRepetitions(steps, isSameResult);
    for (const [at, { call, message, part }] of steps.entries()) {
      const times = counts[at] ?? 1;
      newest = { name: call.name, times };
      if (times >= notedFrom) notes.set(`${message} ${part}`, times);
    }
  }
  if (newest && newest.times >= stopAfter && endsWithResult(messages)) throw stopped(newest.name, newest.times);
  if (notes.size === 0) return request;
  const noted = messages.map((message, index) => {
    if (message.role !== 'tool') return message;
    return { ...message, parts: message.parts.map((part, at) => withNote(part, notes.get(`${index} ${at}`))) };
  });
  return editRequest(request, { messages: noted });
}

function hasResult({ parts }: Message): boolean {
  for (const { type } of parts) if (type === 'tool-result') return true;
  return false;
}

/** The steps between what users wrote, the last stretch after their newest message. Plain loops: histories have thousands. */
function stretchesOf(messages: readonly Message[]): Step[][] {
  let stretch: Step[] = [];
  const stretches = [stretch];
  const calls = new Map<string, ToolCallPart>();
  for (let message = 0; message < messages.length; message++) {
    const { role, parts } = messages[message] as Message;
    if (role === 'user' && parts.some(isUsersOwn)) stretches.push((stretch = []));
    for (let part = 0; part < parts.length; part++) {
      const each = parts[part] as Part;
      if (each.type === 'tool-call') calls.set(each.id, each);
      if (each.type !== 'tool-result') continue;
      const call = calls.get(each.callId);
      if (call) stretch.push({ call, result: each, message, part });
    }
  }
  return stretches;
}

/** Whether the model has yet to see the newest result: clients add messages of their own after it. */
function endsWithResult(messages: readonly Message[]): boolean {
  return messages.findLast(({ role }) => role === 'assistant' || role === 'tool')?.role === 'tool';
}

/** Clients add texts in tags beside the results of tools: `<system-reminder>`. */
function isUsersOwn(part: Part): boolean {
  return part.type !== 'text' || !/^\s*</.test(part.text);
}

/** For each step, how often the calls that end with it have followed each other: 1 if they are new. */
function countRepetitions(steps: readonly Step[], isSameResult: ReturnType<typeof createResultComparison>): number[] {
  const isSame = (a: Step, b: Step | undefined): boolean =>
    b !== undefined && isSameCall(a.call, b.call) && isSameResult(a.result.parts, b.result.parts);
  /** How many steps before this one were the same as those one cycle earlier, by the length of the cycle. */
  const same = Array.from({ length: longestCycle + 1 }, () => 0);
  return steps.map((step, at) => {
    let most = 1;
    for (let cycle = 1; cycle <= longestCycle; cycle++) {
      const now = isSame(step, steps[at - cycle]) ? (same[cycle] ?? 0) + 1 : 0;
      same[cycle] = now;
      if (now > 0) most = Math.max(most, Math.floor(now / cycle) + 1);
    }
    return most;
  });
}

function isSameCall(a: ToolCallPart, b: ToolCallPart): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.input === b.input;
}

function withNote(part: Part, times: number | undefined): Part {
  if (part.type !== 'tool-result' || times === undefined) return part;
  const text = `[This call has been made ${times} times in a row, each time with this result. Do not repeat it: try something else, or tell the user what is in the way.]`;
  return { ...part, parts: [...part.parts, { type: 'text', text }] };
}

/** A model can write anything as a name, and logs show the message whole. */
const toolName = /^[\w.:/-]{1,80}$/;

function stopped(name: string, times: number): GatewayError {
  const message =
    `CCR stopped this turn: the model called ${toolName.test(name) ? name : 'a tool'} ${times} times in a row with the same input and the same result. ` +
    'Tell it what to do differently, and it goes on. Router.loopGuard in the config sets the limit, or turns it off.';
  return new GatewayError('stopped', message, { isOwn: true });
}
