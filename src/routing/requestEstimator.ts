import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { ChatRequest, Message, Part, Tool } from '../canonical/request.ts';
import { createTextMemo } from './textMemo.ts';
import { addMessage, addTool, noTokens, type Measure, type TokenEstimate, type TokenSum } from './tokens.ts';

/** About 4 MB, which is enough for the texts of a few dozen long conversations. */
const maxTexts = 50_000;

const maxThreads = 2000;

/** Clients change what they sent last: reminders in the newest messages come and go. */
const changingMessages = 4;

/** The beginning of a conversation: how many messages, their key and their sum. */
type Beginning = { count: number; key: number; sum: TokenSum };

type Known = { beginning: Beginning; tools: { key: number; sum: TokenSum } };

/**
 * Estimates requests, each of which repeats the conversation so far: what it has in common with the last request of the same
 * thread is not estimated again. Two beginnings are the same if they have the same parts with the same lengths, which is faster
 * than a look at the texts. In one conversation, other texts of the same lengths have about as many tokens.
 */
export type RequestEstimator = { estimate(thread: string, request: ChatRequest): TokenEstimate };

export function createRequestEstimator(measure: Measure = createTextMemo(maxTexts)): RequestEstimator {
  const threads = createBoundedMap<string, Known>(maxThreads);

  return {
    estimate(thread, { messages, tools }) {
      const known = threads.get(thread);
      const common = commonBeginning(known?.beginning, messages);
      const settled = Math.max(messages.length - changingMessages, common.count);
      const sum = { ...common.sum };
      let { key } = common;
      for (let index = common.count; index < settled; index++) {
        key = mixMessage(key, messages[index] as Message);
        addMessage(sum, messages[index] as Message, measure);
      }
      const beginning = { count: settled, key, sum: { ...sum } };
      for (let index = settled; index < messages.length; index++) addMessage(sum, messages[index] as Message, measure);
      const ofTools = sumOfTools(known?.tools, tools, measure);
      // A side request of the conversation, such as that for its title, is short and has no tools: what is known stays.
      threads.set(thread, {
        beginning: settled > 0 ? beginning : (known?.beginning ?? beginning),
        tools: tools.length > 0 ? ofTools : (known?.tools ?? ofTools),
      });
      return totalOf(sum, ofTools.sum);
    },
  };
}

function totalOf(sum: TokenSum, { tools, cjk, guessed }: TokenSum): TokenEstimate {
  return {
    system: sum.system,
    messages: sum.messages,
    tools,
    total: sum.system + sum.messages + tools,
    cjk: sum.cjk + cjk,
    guessed: sum.guessed + guessed,
  };
}

function commonBeginning(known: Beginning | undefined, messages: readonly Message[]): Beginning {
  const nothing = { count: 0, key: 0, sum: noTokens };
  if (!known || known.count > messages.length) return nothing;
  let key = 0;
  for (let index = 0; index < known.count; index++) key = mixMessage(key, messages[index] as Message);
  return key === known.key ? known : nothing;
}

function sumOfTools(known: Known['tools'] | undefined, tools: readonly Tool[], measure: Measure): Known['tools'] {
  let key = tools.length;
  for (const tool of tools) {
    key = mixed(key, tool.name.length);
    if (tool.kind !== 'hosted') key = mixed(key, tool.description?.length ?? 0);
  }
  if (known?.key === key) return known;
  const sum = { ...noTokens };
  for (const tool of tools) addTool(sum, tool, measure);
  return { key, sum };
}

function mixMessage(key: number, { role, parts }: Message): number {
  let hash = mixed(key, role.length);
  for (const part of parts) hash = mixPart(hash, part);
  return hash;
}

function mixPart(key: number, part: Part): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return mixed(key, part.text.length);
    case 'tool-call':
      return mixed(mixed(key, part.name.length), part.input.length);
    case 'tool-result':
      return part.parts.reduce(mixPart, mixed(key, part.parts.length));
    default:
      return mixed(key, part.type.length);
  }
}

function mixed(hash: number, value: number): number {
  return (Math.imul(hash, 31) + value + 1) | 0;
}
