import { isOfUser } from '../canonical/messages.ts';
import type { Delta } from '../canonical/events.ts';
import type { ChatRequest, Message, Part, ToolCallPart, ToolResultPart } from '../canonical/request.ts';
import { demoFile, findFileCall, readOutcome, type FileCall, type FileOutcome } from './demoFile.ts';
import { sampleOf } from './schemaSample.ts';

/** The route of the request, which the demo reports. */
export type DemoInfo = {
  /** For people: `demo,demo (reason: default)`. */
  route: string;
};

/** A delta, and the wait before it, which makes streaming visible. Milliseconds. */
export type DemoStep = { delta: Delta; delayMs: number };

const wordDelayMs = 15;

const nextStep =
  'For answers of a real model, add a provider and its API key: "CCR: Add Provider" in the Command Palette, or ~/.claude-code-router/config.json.';

/**
 * The built-in provider: no network, no key, no model. It streams some reasoning and text. If the client has a suitable tool,
 * it creates one small file, reads the result and reports it. It depends only on the conversation. The canonical request
 * must not be flattened: the demo calls tools as the client declared them.
 */
export function* demoDeltas(request: ChatRequest, info: DemoInfo): Generator<DemoStep, void, undefined> {
  const answer = answerTo(request, info);
  let said = '';
  yield step({ type: 'start', id: 'demo', model: 'demo' });
  if (answer.reasoning && request.reasoning?.effort !== 'none') {
    for (const text of words(answer.reasoning))
      yield step({ type: 'reasoning-delta', key: 'reasoning', text }, wordDelayMs);
    yield step({ type: 'block-end', key: 'reasoning' });
    said += answer.reasoning;
  }
  for (const text of words(answer.text)) yield step({ type: 'text-delta', key: 'text', text }, wordDelayMs);
  yield step({ type: 'block-end', key: 'text' });
  if (answer.call) yield* callSteps(answer.call, request);
  said += answer.text + (answer.call?.input ?? '');
  yield step({ type: 'usage', usage: { inputTokens: estimate(request), outputTokens: tokensOf(said.length) } });
  yield step({ type: 'finish', reason: answer.call ? 'tool-calls' : 'stop', raw: answer.call ? 'tool_calls' : 'stop' });
  yield step({ type: 'done' });
}

function step(delta: Delta, delayMs = 0): DemoStep {
  return { delta, delayMs };
}

function* callSteps({ tool, input }: FileCall, request: ChatRequest): Generator<DemoStep, void, undefined> {
  const id = `call_demo_${callsIn(request.messages).length + 1}`;
  const { kind, name, namespace } = tool;
  yield step({ type: 'tool-delta', key: 'call', id, kind, name, namespace, text: '' }, wordDelayMs);
  for (const text of words(input)) yield step({ type: 'tool-delta', key: 'call', text }, wordDelayMs);
  yield step({ type: 'block-end', key: 'call' });
}

type Answer = { reasoning?: string; text: string; call?: FileCall };

function answerTo(request: ChatRequest, { route }: DemoInfo): Answer {
  const { outputFormat, messages } = request;
  // Side requests, such as Codex's for a thread title, parse the answer.
  if (outputFormat?.type === 'json-schema') return { text: JSON.stringify(sampleOf(outputFormat.schema, 'CCR demo')) };
  if (outputFormat?.type === 'json-object') return { text: JSON.stringify({ answer: 'CCR demo' }) };
  const result = openResult(messages);
  if (result)
    return { reasoning: 'The tool has returned. I report its result.', text: report(readOutcome(result), route) };
  const question = questionIn(messages);
  const reasoning = `The question is "${question}". No model is configured, so I can only show that CCR works.`;
  const done = wasCreated(messages);
  const call =
    done || request.toolChoice.type === 'none'
      ? undefined
      : findFileCall(request.tools, `Created through CCR by route ${route}`);
  if (call)
    return {
      reasoning: `${reasoning} I create one small file with ${call.tool.name}.`,
      text: `This is CCR's built-in demo. I create ${demoFile} to show that tools work.`,
      call,
    };
  return { reasoning, text: introduce(question, route, done) };
}

function introduce(question: string, route: string, done: boolean): string {
  return [
    "This is CCR's built-in demo: no model answered, and nothing left this machine.",
    `You asked: "${question}". The request came by route ${route}.`,
    ...(done ? [`${demoFile} was created earlier in this conversation.`] : []),
    nextStep,
  ].join('\n\n');
}

function report(outcome: FileOutcome, route: string): string {
  switch (outcome.type) {
    case 'created':
      return `${demoFile} is there: your client asked CCR (route ${route}), CCR asked for a tool call, and your client ran it.\n\n${nextStep}`;
    case 'exists':
      return `${demoFile} already exists, from an earlier run perhaps, so I left it as it is. The tool call itself worked.\n\n${nextStep}`;
    case 'failed':
      return `${demoFile} could not be created. The tool said:\n\n${outcome.words || '(nothing)'}\n\nThe way through CCR (route ${route}) worked.\n\n${nextStep}`;
    default:
      return outcome satisfies never;
  }
}

/**
 * The result of the demo's call, if it belongs to the last assistant turn. Clients insert user messages between a call and
 * its result, or after it (Codex 0.80's warnings, Claude Code's reminders), so the last message is not enough.
 */
function openResult(messages: readonly Message[]): ToolResultPart | undefined {
  const last = messages.findLastIndex(({ role, parts }) => role === 'assistant' && parts.some(isSaid));
  // Codex 0.80 sends the text of a turn after its calls.
  const before = messages[last - 1]?.role === 'assistant' ? last - 1 : last;
  const ids = callsIn(messages.slice(Math.max(before, 0), last + 1))
    .filter(isOurs)
    .map(({ id }) => id);
  const results = messages.slice(last + 1).flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-result'));
  return results.findLast(({ callId }) => ids.includes(callId));
}

/** Whether an earlier turn created the file, or found it existing. */
function wasCreated(messages: readonly Message[]): boolean {
  const ids = new Set(
    callsIn(messages)
      .filter(isOurs)
      .map(({ id }) => id),
  );
  const results = messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-result'));
  return results.some((result) => ids.has(result.callId) && readOutcome(result).type !== 'failed');
}

function isSaid(part: Part): boolean {
  return part.type === 'tool-call' || (part.type === 'text' && part.text !== '');
}

function isOurs({ input }: ToolCallPart): boolean {
  return input.includes(demoFile);
}

function callsIn(messages: readonly Message[]): ToolCallPart[] {
  return messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-call'));
}

/** The user's newest text, as one shortened line. Skips what clients add themselves, which is in tags. */
function questionIn(messages: readonly Message[]): string {
  const texts = messages
    .filter(isOfUser)
    .flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [part.text.trim()] : [])));
  const question = texts.findLast((text) => text !== '' && !text.startsWith('<')) ?? '';
  const line = question.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

/** Splits text into pieces, as a model streams it. */
function words(text: string): string[] {
  return text.match(/\s*\S{1,24}\s*/g) ?? [];
}

/** A rough estimate: four characters per token. */
function tokensOf(characters: number): number {
  return Math.ceil(characters / 4);
}

function estimate({ messages, tools }: ChatRequest): number {
  const spoken = messages.flatMap(({ parts }) => parts).reduce((sum, part) => sum + lengthOf(part), 0);
  const declared = tools.reduce((sum, tool) => sum + JSON.stringify(tool).length, 0);
  return tokensOf(spoken + declared);
}

function lengthOf(part: Part): number {
  if (part.type === 'tool-call') return part.input.length;
  if (part.type === 'tool-result') return part.parts.reduce((sum, each) => sum + lengthOf(each), 0);
  return 'text' in part ? part.text.length : 0;
}
