import { isObject, parseJson } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { readExtraContent, type ExtraContent } from './extraContent.ts';
import { usageBeside } from './usage.ts';
import { looseFlag, looseIndex, looseList, looseObject, looseText, looseWords } from '../loose.ts';

export type ToolCallDelta = {
  extra_content: ExtraContent | undefined;
  index: number | string | undefined;
  id: string | undefined;
  type: string | undefined;
  function: { name: string | undefined; arguments: unknown } | undefined;
  custom: { name: string | undefined; input: unknown } | undefined;
};

/** The `delta` of a stream or the `message` of a whole reply, which have the same fields. */
export type Answer = {
  extra_content: ExtraContent | undefined;
  content: unknown;
  reasoning_content: string | undefined;
  reasoning: string | undefined;
  reasoning_details: JsonObject[] | undefined;
  refusal: string | undefined;
  annotations: unknown;
  images: unknown;
  audio: unknown;
  /** Groq's searches. */
  executed_tools: JsonObject[] | undefined;
  tool_calls: ToolCallDelta[] | undefined;
  function_call: { name: string | undefined; arguments: unknown } | undefined;
};

export type Choice = {
  index: number | undefined;
  delta: Answer | undefined;
  message: Answer | undefined;
  finish_reason: string | undefined;
  /** The reason of the provider behind a gateway. */
  native_finish_reason: string | undefined;
  logprobs: unknown;
  usage: JsonObject | undefined;
};

type PromptFeedback = { blockReason: string | undefined; block_reason: string | undefined };

export type Chunk = {
  id: string | undefined;
  model: string | undefined;
  choices: Choice[] | undefined;
  usage: JsonObject | undefined;
  /** What was found for the answer, by the names of several providers; undefined if there is nothing. */
  found: JsonObject | undefined;
  /** Gemini's, in place of any choice. */
  promptFeedback: PromptFeedback | undefined;
  prompt_feedback: PromptFeedback | undefined;
  /** MiniMax's. */
  input_sensitive: boolean | undefined;
  output_sensitive: boolean | undefined;
  /** Usage in a field of another name. */
  usageBeside: JsonObject | undefined;
  /** llama.cpp's token counts. */
  timings: JsonObject | undefined;
};

/** Reads a chat.completion.chunk, or a whole chat.completion. A field of the wrong type counts as absent. */
export function readChunk(json: JsonObject): Chunk {
  return {
    id: looseText(json['id']),
    model: looseText(json['model']),
    choices: looseList(json['choices'], readChoice),
    usage: looseObject(json['usage']),
    found: readFound(json),
    promptFeedback: readFeedback(json['promptFeedback']),
    prompt_feedback: readFeedback(json['prompt_feedback']),
    input_sensitive: looseFlag(json['input_sensitive']),
    output_sensitive: looseFlag(json['output_sensitive']),
    usageBeside: usageBeside(json),
    timings: looseObject(json['timings']),
  };
}

/** Perplexity's and xAI's lists, Z.AI's, and DashScope's object around one. */
const foundFields = ['citations', 'search_results', 'web_search', 'search_info'] as const;

function readFound(json: JsonObject): JsonObject | undefined {
  let found: JsonObject | undefined;
  for (const field of foundFields) {
    const value = json[field];
    const isFilled = Array.isArray(value) ? value.length > 0 : field === 'search_info' && isObject(value);
    if (isFilled) found = { ...found, [field]: value };
  }
  return found;
}

function readChoice(json: JsonObject): Choice {
  const { delta, text } = json;
  // Servers of the older completions write `text`.
  const given = delta ?? (json['message'] === undefined && typeof text === 'string' ? text : undefined);
  return {
    index: looseIndex(json['index']),
    delta: readAnswer(typeof given === 'string' ? { content: given } : given),
    message: readAnswer(json['message']),
    finish_reason: looseText(json['finish_reason']),
    native_finish_reason: looseText(json['native_finish_reason']),
    logprobs: json['logprobs'],
    usage: looseObject(json['usage']),
  };
}

export function readAnswer(json: unknown): Answer | undefined {
  if (!isObject(json)) return undefined;
  return {
    extra_content: readExtraContent(json['extra_content']),
    content: json['content'],
    reasoning_content: looseWords(json['reasoning_content']),
    // GitHub Copilot's name, and those of servers that follow Anthropic's.
    reasoning: looseWords(json['reasoning']) ?? looseText(json['reasoning_text']) ?? looseText(json['thinking']),
    reasoning_details: looseList(json['reasoning_details'], (detail) => detail),
    refusal: looseText(json['refusal']),
    annotations: json['annotations'],
    images: json['images'],
    audio: json['audio'],
    executed_tools: looseList(json['executed_tools'], (tool) => tool),
    tool_calls: looseList(isObject(json['tool_calls']) ? [json['tool_calls']] : json['tool_calls'], readToolCall),
    function_call: readFunction(json['function_call']),
  };
}

function readToolCall(json: JsonObject): ToolCallDelta {
  const { index } = json;
  const custom = looseObject(json['custom']);
  return {
    extra_content: readExtraContent(json['extra_content']),
    index: typeof index === 'number' || typeof index === 'string' ? index : undefined,
    id: looseText(json['id']),
    type: looseText(json['type']),
    function: readFunction(calledBy(json)),
    custom: custom && { name: looseText(custom['name']), input: custom['input'] },
  };
}

/** The function of a call, which may stand in the call itself, or be JSON text. */
function calledBy(json: JsonObject): unknown {
  const { function: called, custom, name } = json;
  if (typeof called === 'string') return parseJson(called);
  return called === undefined && custom === undefined && typeof name === 'string' ? json : called;
}

function readFunction(json: unknown): { name: string | undefined; arguments: unknown } | undefined {
  if (!isObject(json)) return undefined;
  const given = json['arguments'] ?? json['parameters'] ?? json['args'] ?? json['input'];
  return { name: looseText(json['name']), arguments: given };
}

function readFeedback(json: unknown): PromptFeedback | undefined {
  return isObject(json)
    ? { blockReason: looseText(json['blockReason']), block_reason: looseText(json['block_reason']) }
    : undefined;
}
