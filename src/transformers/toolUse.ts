import { isTurn } from '../canonical/messages.ts';
import { editRequest } from '../canonical/editRequest.ts';
import { deltaStage } from '../canonical/deltaStage.ts';
import type { ToolDelta } from '../canonical/events.ts';
import type { ChatRequest, DialectId, FunctionTool, Message } from '../canonical/request.ts';
import { thinkTags } from '../reasoning/thinkTags.ts';
import { readStringArgument } from './stringArgument.ts';
import type { Transform } from './transform.ts';

// For models that announce a tool call instead of making it. As in claude-code-router's transformer of the same name, the
// model must call a tool in every answer, and gets an extra tool for answering in text (musistudio/llms,
// tooluse.transformer.ts).

const exitName = 'ExitTool';
const answerArgument = 'response';

const exitTool: FunctionTool = {
  kind: 'function',
  name: exitName,
  description:
    'Answers the user with text and ends the turn. Call this tool when no other tool can advance the task: the task is done, it cannot be done, or you need input from the user.',
  parameters: {
    type: 'object',
    properties: { [answerArgument]: { type: 'string', description: 'The complete answer, as the user will read it.' } },
    required: [answerArgument],
    additionalProperties: false,
  },
};

const reminder = `You work by calling tools. While a tool can advance the task, call it; never just say that you will. To answer with text, because the task is done or you need input from the user, call ${exitName} with the answer.`;

/**
 * A no-op if the client sets its own tool choice, if there are no tools, if the answer must follow a schema (which only
 * applies to text), for compactions, and if the client has a tool with the same name.
 */
export function toolUse(protocol: DialectId): Transform {
  return (request) => {
    const { tools, toolChoice, outputFormat, compaction } = request;
    const callable = tools.filter(({ kind }) => kind !== 'hosted');
    if (callable.length === 0 || callable.some(({ name }) => name === exitName)) return undefined;
    if (toolChoice.type !== 'auto' || compaction || (outputFormat && outputFormat.type !== 'text')) return undefined;
    return {
      request: editRequest(request, {
        tools: [...tools, exitTool],
        toolChoice: { type: excludesThinking(protocol, request) ? 'auto' : 'required' },
        messages: remind(request.messages),
      }),
      reply: () => answerByExit,
    };
  };
}

/**
 * "Thinking may not be enabled when tool_choice forces tool use" (Messages). The client's thinking takes precedence; the tool
 * and the reminder are still added. In other protocols, the provider's quirks relax the choice if it would be refused.
 */
function excludesThinking(protocol: DialectId, { reasoning }: ChatRequest): boolean {
  if (protocol !== 'anthropic-messages' || reasoning === undefined) return false;
  return (reasoning.effort !== undefined && reasoning.effort !== 'none') || reasoning.budgetTokens !== undefined;
}

/** Adds the reminder after the system prompt, where it is the same in every turn, so that the prompt cache stays valid. */
function remind(messages: readonly Message[]): Message[] {
  const count = messages.findIndex(isTurn);
  const end = count === -1 ? messages.length : count;
  const last = messages[end - 1];
  const part = { type: 'text', text: reminder } as const;
  if (!last) return [{ role: 'system', parts: [part] }, ...messages];
  return [...messages.slice(0, end - 1), { ...last, parts: [...last.parts, part] }, ...messages.slice(end)];
}

/** Streams a call of the exit tool to the client as text. The client never sees the tool. */
const answerByExit = deltaStage((emit) => {
  /** Deltas of calls whose name has not arrived yet. */
  const nameless = new Map<string, ToolDelta[]>();
  const exits = new Map<string, ReturnType<typeof readStringArgument>>();
  const others = new Set<string>();
  // Models that put thinking in their text also put it in this argument. The block-end of each text flushes the stage.
  const clean = thinkTags()(emit);

  function pushTool(delta: ToolDelta): void {
    const { key } = delta;
    const exit = exits.get(key);
    if (exit) return say(key, exit.push(delta.text));
    if (others.has(key)) return emit(delta);
    const held = [...(nameless.get(key) ?? []), delta];
    if (!delta.name) {
      nameless.set(key, held);
      return;
    }
    nameless.delete(key);
    if (delta.name === exitName) {
      const opened = readStringArgument(answerArgument);
      exits.set(key, opened);
      for (const { text } of held) say(key, opened.push(text));
      return;
    }
    others.add(key);
    for (const each of held) emit(each);
  }

  function say(key: string, text: string): void {
    if (text !== '') clean.push({ type: 'text-delta', key: textKey(key), text });
  }

  function endExit(key: string): void {
    const exit = exits.get(key);
    if (!exit) return;
    exits.delete(key);
    say(key, exit.end());
    clean.push({ type: 'block-end', key: textKey(key) });
  }

  function endAll(): void {
    for (const key of exits.keys()) endExit(key);
    for (const held of nameless.values()) for (const each of held) emit(each);
    nameless.clear();
  }

  return {
    tool: pushTool,
    blockEnd(delta) {
      others.delete(delta.key);
      if (exits.has(delta.key)) endExit(delta.key);
      else emit(delta);
    },
    flush: endAll,
  };
});

/** Differs from the keys of the provider's own texts. */
function textKey(key: string): string {
  return `${exitName}:${key}`;
}
