import { editRequest } from '../canonical/editRequest.ts';
import { deltaStage } from '../canonical/deltaStage.ts';
import type { ToolDelta } from '../canonical/events.ts';
import type { ChatRequest, DialectId, FunctionTool, Message } from '../canonical/request.ts';
import { thinkTags } from '../reasoning/thinkTags.ts';
import { readStringArgument } from './stringArgument.ts';
import type { Transform } from './transform.ts';

// For models that talk of calling a tool instead of calling it. claude-code-router has it under this name: the model must
// call a tool in every answer, and has one to answer in plain words with (musistudio/llms, tooluse.transformer.ts).

const exitName = 'ExitTool';
const answerArgument = 'response';

const exitTool: FunctionTool = {
  kind: 'function',
  name: exitName,
  description:
    'Answers the user in words and ends the turn. Call it when no other tool can bring the task further: it is done, it can not be done, or the user has to say something first.',
  parameters: {
    type: 'object',
    properties: { [answerArgument]: { type: 'string', description: 'The answer, whole, as the user will read it.' } },
    required: [answerArgument],
    additionalProperties: false,
  },
};

const reminder = `You work by calling tools. As long as a tool can bring the task further, call it; never just say that you will. To answer in words, because the task is done or you need something from the user, call ${exitName} with the answer.`;

/**
 * Has no effect where the client decides itself what is called, where there are no tools, where the answer must have a
 * form (a schema holds for text alone), and where the client has a tool of that name.
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
 * "Thinking may not be enabled when tool_choice forces tool use" (Messages). The thinking that the client asked for is worth
 * more; the tool and the reminder stay. On other wires the provider's quirks soften the choice where it is refused.
 */
function excludesThinking(protocol: DialectId, { reasoning }: ChatRequest): boolean {
  if (protocol !== 'anthropic-messages' || reasoning === undefined) return false;
  return (reasoning.effort !== undefined && reasoning.effort !== 'none') || reasoning.budgetTokens !== undefined;
}

/** Behind what the system says at the start, where it stays the same from turn to turn: the prompt cache is kept. */
function remind(messages: readonly Message[]): Message[] {
  const count = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const end = count === -1 ? messages.length : count;
  const last = messages[end - 1];
  const part = { type: 'text', text: reminder } as const;
  if (!last) return [{ role: 'system', parts: [part] }, ...messages];
  return [...messages.slice(0, end - 1), { ...last, parts: [...last.parts, part] }, ...messages.slice(end)];
}

/** Streams a call of the exit tool to the client as text. The client never sees the tool. */
const answerByExit = deltaStage((emit) => {
  /** Deltas of calls whose name has not come yet. */
  const nameless = new Map<string, ToolDelta[]>();
  const exits = new Map<string, ReturnType<typeof readStringArgument>>();
  const others = new Set<string>();
  // A model that thinks in its text also does so in this one. The block-end of each text flushes the stage.
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

/** Apart from the keys of the provider's own texts. */
function textKey(key: string): string {
  return `${exitName}:${key}`;
}
