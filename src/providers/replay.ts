import { editRequest } from '../canonical/editRequest.ts';
import { isObject } from '../canonical/json.ts';
import type { ChatRequest, JsonObject, Part, Proof } from '../canonical/request.ts';
import { editMessages, objectsIn, thinkingIsOff, without, type EditBody } from './bodyEdits.ts';
import type { Statement } from './cite.ts';
import type { ReasoningReplay } from './provider.ts';

/** How a provider writes `reasoning_details`. */
export type DetailsForm = {
  /** Whether the provider made an entry itself: it would refuse another provider's. */
  isOwn(detail: JsonObject): boolean;
  /** The message fields for reasoning that only has text. */
  fromText(text: string, messageIndex: number): JsonObject;
};

/** How reasoning in the history is sent. */
export type Replay = { policy: 'details'; form: DetailsForm } | { policy: Exclude<ReasoningReplay, 'details'> };

/** A replay policy with its source. */
export type ReplayRule = Replay & { source: string };

/** For users. */
export const replayDescriptions: Record<ReasoningReplay, string> = {
  required: 'in every turn once a tool was called, as empty text if it was lost',
  real: 'where available, without placeholders for lost reasoning',
  named: 'where available, in `reasoning`',
  details: 'as its own `reasoning_details`, verbatim',
  'content-parts': 'where available, as thinking parts of the content',
  'extra-content': 'only its signatures, each on its own call',
  none: 'nothing',
};

const reasoningFields = ['reasoning_content', 'reasoning', 'reasoning_details'];
/** The path of signatures in a message and in each of its calls. */
const signatureField = 'extra_content';

/**
 * Writes the reasoning of assistant messages in a Chat Completions body in the provider's form, whichever form it had, and
 * removes other forms: GLM ignores `reasoning` (hermes#16533), Groq refuses `reasoning_content` (jan#8136).
 */
export function applyReplay(replay: Replay): EditBody {
  return (body) => {
    const firstCall = replay.policy === 'required' ? indexOfFirstCall(body) : -1;
    const form = replay.policy === 'required' && thinkingIsOff(body) ? { policy: 'none' as const } : replay;
    return editMessages((message, index) => {
      if (message['role'] !== 'assistant') return message;
      const needed = firstCall !== -1 && index >= firstCall;
      const fields = reasoningAs(form, message, { index, needed });
      const thought = hasFields(message, fields) ? message : { ...without(message, ...reasoningFields), ...fields };
      return form.policy === 'extra-content' ? thought : withoutSignatures(thought);
    })(body);
  };
}

function withoutSignatures(message: JsonObject): JsonObject {
  const calls = objectsIn(message['tool_calls']);
  const unsigned = without(message, signatureField);
  if (!calls.some((call) => signatureField in call)) return unsigned;
  return { ...unsigned, tool_calls: calls.map((call) => without(call, signatureField)) };
}

/** The content with the thinking before it. Clients that kept such parts may have dropped their `closed` field. */
function thinkingContent({ content }: JsonObject, text: string): JsonObject {
  const parts = typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : objectsIn(content);
  if (parts.some(({ type }) => type === 'thinking'))
    return { content: parts.map((part) => (part['type'] === 'thinking' ? { ...part, closed: true } : part)) };
  if (text.trim() === '') return {};
  return { content: [{ type: 'thinking', thinking: [{ type: 'text', text }], closed: true }, ...parts] };
}

type Place = { index: number; needed: boolean };

function reasoningAs(replay: Replay, message: JsonObject, { index, needed }: Place): JsonObject {
  const text = reasoningText(message);
  switch (replay.policy) {
    case 'none':
    case 'extra-content':
      return {};
    case 'named':
      return text.trim() === '' ? {} : { reasoning: text };
    case 'content-parts':
      return thinkingContent(message, text);
    case 'real':
      // No placeholders, as Moonshot requested (cc-switch 3.20.0).
      return text.trim() === '' ? {} : { reasoning_content: text };
    case 'required':
      return text === '' && !needed ? {} : { reasoning_content: text };
    case 'details': {
      const given = objectsIn(message['reasoning_details']);
      if (given.length > 0 && given.every((detail) => replay.form.isOwn(detail))) return { reasoning_details: given };
      return text.trim() === '' ? {} : replay.form.fromText(text, index);
    }
    default:
      return replay satisfies never;
  }
}

function reasoningText(message: JsonObject): string {
  for (const name of ['reasoning_content', 'reasoning']) {
    const text = message[name];
    if (typeof text === 'string' && text !== '') return text;
  }
  return objectsIn(message['reasoning_details'])
    .flatMap(({ text, summary }) => [text, summary].filter((each) => typeof each === 'string'))
    .join('');
}

function indexOfFirstCall({ messages }: JsonObject): number {
  if (!Array.isArray(messages)) return -1;
  return messages.findIndex(
    (message: unknown) =>
      isObject(message) && message['role'] === 'assistant' && objectsIn(message['tool_calls']).length > 0,
  );
}

function hasFields(message: JsonObject, fields: JsonObject): boolean {
  if ('content' in fields) return false;
  return reasoningFields.every((name) =>
    name === 'reasoning_details' && Array.isArray(fields[name])
      ? fields[name] === message[name] || sameItems(fields[name], message[name])
      : name in fields === name in message && fields[name] === message[name],
  );
}

function sameItems(list: readonly unknown[], other: unknown): boolean {
  return Array.isArray(other) && other.length === list.length && list.every((item, index) => item === other[index]);
}

/** An edit of the canonical request that several providers need. */
export type RequestChange = Statement & { edit: (request: ChatRequest) => ChatRequest };

/**
 * Drops reasoning that this provider did not sign, since it refuses the reasoning of other providers. Returns the same
 * request if there is nothing to drop.
 */
export function keepProven(...proofs: Proof['type'][]): RequestChange {
  const names = proofs.map((proof) => `\`${proof}\``).join(' or ');
  return { change: `Only reasoning with the provider’s own proof (${names}) is sent.`, edit: editProven(proofs) };
}

function editProven(proofs: readonly Proof['type'][]): RequestChange['edit'] {
  return (request) => {
    const isForeign = isForeignTo(proofs);
    if (!request.messages.some(({ parts }) => parts.some(isForeign))) return request;
    const messages = request.messages
      .map((message) => ({ ...message, parts: message.parts.filter((part) => !isForeign(part)) }))
      // Some clients send reasoning as a separate message.
      .filter(({ role, parts }) => role !== 'assistant' || parts.length > 0);
    return editRequest(request, { messages });
  };
}

function isForeignTo(proofs: readonly Proof['type'][]): (part: Part) => boolean {
  return (part) => part.type === 'reasoning' && !(part.proof && proofs.includes(part.proof.type));
}
