import * as z from 'zod';
import { jsonObject } from '../openaiTools.ts';

export { jsonObject, typed } from '../openaiTools.ts';
export { invalid, readWire } from '../readWire.ts';

/** A client's request. A field of the wrong type is refused by name; null counts as absent. */

const text = z.string().nullish();
const number = z.number().nullish();
const stop = z.union([z.string(), z.array(z.string())], { error: 'expected text or a list of texts' });

export const requestBody = z.object({
  model: text,
  messages: z
    .array(z.unknown(), { error: 'expected a list of messages' })
    .min(1, { error: 'expected at least one message' }),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.union([z.string(), jsonObject], { error: 'expected auto, none, required or an object' }).nullish(),
  /** Deprecated forms of `tools` and `tool_choice`. */
  functions: z.array(z.unknown()).nullish(),
  function_call: z.union([z.string(), jsonObject], { error: 'expected auto, none or an object' }).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_tokens: number,
  max_completion_tokens: number,
  temperature: number,
  top_p: number,
  stop: stop.nullish(),
  seed: number,
  frequency_penalty: number,
  presence_penalty: number,
  reasoning_effort: text,
  /** OpenRouter. */
  reasoning: jsonObject.nullish().catch(undefined),
  /** DeepSeek, GLM and Kimi. */
  thinking: jsonObject.nullish().catch(undefined),
  /** Qwen; vLLM and llama.cpp take it in `chat_template_kwargs`. */
  enable_thinking: z.boolean().nullish().catch(undefined),
  chat_template_kwargs: jsonObject.nullish().catch(undefined),
  verbosity: text,
  response_format: jsonObject.nullish(),
  prompt_cache_key: text,
  metadata: jsonObject.nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
});
export type RequestBody = z.infer<typeof requestBody>;

const content = z
  .union([z.string(), z.array(z.unknown())], { error: 'expected text or a list of content parts' })
  .nullish();
const reasoningDetails = z.array(jsonObject).nullish().catch(undefined);

/** Gemini. Its other fields are unknown. */
const extraContent = z
  .looseObject({
    google: z
      .looseObject({ thought: z.boolean().nullish().catch(undefined), thought_signature: text.catch(undefined) })
      .nullish()
      .catch(undefined),
  })
  .nullish()
  .catch(undefined);

export const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function'], {
    error: 'expected system, developer, user, assistant or tool',
  }),
  content,
  name: text,
  refusal: text,
  reasoning_content: text,
  reasoning: text.catch(undefined),
  reasoning_details: reasoningDetails,
  tool_calls: z.array(z.unknown()).nullish(),
  function_call: z.object({ name: z.string(), arguments: z.unknown().optional() }).nullish(),
  tool_call_id: text,
  extra_content: extraContent,
});
export type Message = z.infer<typeof message>;

export const signed = z.object({ extra_content: extraContent });
export const toolCall = z.object({
  id: z.string().min(1, { error: 'expected an id' }),
  type: text,
  function: z.object({ name: z.string(), arguments: z.unknown().optional() }).nullish(),
  custom: z.object({ name: z.string(), input: z.string() }).nullish(),
});

export const part = z.looseObject({ type: z.string(), cache_control: jsonObject.nullish().catch(undefined) });
export const textPart = z.object({ text: z.string() });
export const imagePart = z.object({
  image_url: z.union([z.string(), z.object({ url: z.string(), detail: text })], { error: 'expected {url}' }),
});
export const audioPart = z.object({ input_audio: z.object({ data: z.string(), format: z.string() }) });
export const filePart = z.object({ file: z.object({ filename: text, file_data: text, file_id: text }) });
export const refusalPart = z.object({ refusal: z.string() });
/** Mistral. */
export const thinkingPart = z.object({
  thinking: z.union([z.string(), z.array(z.looseObject({ text: text.catch(undefined) }))], {
    error: 'expected text parts',
  }),
});

export const grammarFormat = z.object({
  type: z.literal('grammar'),
  grammar: z.object({ syntax: z.string(), definition: z.string() }),
});
export const flatGrammar = z.object({ type: z.literal('grammar'), syntax: z.string(), definition: z.string() });
export const named = z.object({ name: z.string() });
export const allowedTools = z.object({
  mode: z.enum(['auto', 'required']),
  tools: z.array(z.looseObject({ type: text, name: text, function: named.nullish(), custom: named.nullish() })),
});
export const jsonSchemaFormat = z.object({
  name: z.string(),
  description: text,
  schema: jsonObject.nullish(),
  strict: z.boolean().nullish(),
});
