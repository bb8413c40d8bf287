import type { ChatRequest, JsonObject, Part, Proof } from '../canonical/request.ts';
import { editMessages, isObject, objectsIn, thinkingIsOff, without, type BodyEdit } from './bodyEdits.ts';
import type { ReasoningReplay } from './provider.ts';

/** How a provider that takes `reasoning_details` writes them. */
export type DetailsForm = {
  /** Whether an entry is of its own making: another provider's would be refused. */
  isOwn(detail: JsonObject): boolean;
  /** The fields of a message that carry reasoning of which only the text is left. */
  fromText(text: string, messageIndex: number): JsonObject;
};

const reasoningFields = ['reasoning_content', 'reasoning', 'reasoning_details'];

/**
 * Gives the assistant messages of a Chat Completions body their reasoning in the one form that the provider takes,
 * whichever form it came in, and no other: `reasoning` is ignored by GLM (hermes#16533), `reasoning_content` refused by
 * Groq (jan#8136).
 */
export function applyReplay(replay: ReasoningReplay, details?: DetailsForm): BodyEdit {
  return (body) => {
    const firstCall = replay === 'required' ? indexOfFirstCall(body) : -1;
    const form = replay === 'required' && thinkingIsOff(body) ? 'none' : replay;
    return editMessages((message, index) => {
      if (message['role'] !== 'assistant') return message;
      const needed = firstCall !== -1 && index >= firstCall;
      const fields = reasoningAs(form, message, { index, needed, details });
      return hasFields(message, fields) ? message : { ...without(message, ...reasoningFields), ...fields };
    })(body);
  };
}

type Place = { index: number; needed: boolean; details: DetailsForm | undefined };

function reasoningAs(form: ReasoningReplay, message: JsonObject, { index, needed, details }: Place): JsonObject {
  const text = reasoningText(message);
  switch (form) {
    case 'none':
      return {};
    case 'real':
      // Never a placeholder: Moonshot asked for that (cc-switch 3.20.0).
      return text.trim() === '' ? {} : { reasoning_content: text };
    case 'required':
      return text === '' && !needed ? {} : { reasoning_content: text };
    case 'details': {
      const given = objectsIn(message['reasoning_details']);
      if (given.length > 0 && given.every((detail) => details?.isOwn(detail) ?? true))
        return { reasoning_details: given };
      return text.trim() === '' || !details ? {} : details.fromText(text, index);
    }
    default:
      return form satisfies never;
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
  return reasoningFields.every((name) =>
    name === 'reasoning_details' && Array.isArray(fields[name])
      ? fields[name] === message[name] || sameItems(fields[name], message[name])
      : name in fields === name in message && fields[name] === message[name],
  );
}

function sameItems(list: readonly unknown[], other: unknown): boolean {
  return Array.isArray(other) && other.length === list.length && list.every((item, index) => item === other[index]);
}

/**
 * Leaves out reasoning that this provider never signed: it refuses what another one thought. Returns the same request
 * when all of it is its own.
 */
export function keepProven(...proofs: Proof['type'][]): (request: ChatRequest) => ChatRequest {
  return (request) => {
    const isForeign = isForeignTo(proofs);
    if (!request.messages.some(({ parts }) => parts.some(isForeign))) return request;
    const { source: _, ...rest } = request;
    const messages = request.messages
      .map((message) => ({ ...message, parts: message.parts.filter((part) => !isForeign(part)) }))
      // Some clients send reasoning as a message of its own.
      .filter(({ role, parts }) => role !== 'assistant' || parts.length > 0);
    return { ...rest, messages };
  };
}

function isForeignTo(proofs: readonly Proof['type'][]): (part: Part) => boolean {
  return (part) => part.type === 'reasoning' && !(part.proof && proofs.includes(part.proof.type));
}
