import * as z from 'zod';
import { jsonObject, toolHead } from '../openaiTools.ts';

export { jsonObject, typed } from '../openaiTools.ts';
export { invalid, readWire } from '../readWire.ts';

/** Loose schemas of the Responses API: only the fields that are read. Unknown fields are kept or ignored. */

const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string(),
    schema: jsonObject,
    strict: z.boolean().nullish(),
    description: z.string().nullish(),
  }),
]);

/** `input` and `tools` are parsed item by item, so that an error can name the item. */
export const requestBody = z.object({
  model: z.string().nullish(),
  include: z.array(z.string()).nullish(),
  input: z.union([z.string(), z.array(z.unknown())], { error: 'expected a string or a list of items' }).nullish(),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
  instructions: z.string().nullish(),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.union([z.string(), jsonObject], { error: 'expected a string or an object' }).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.number().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  reasoning: z.object({ effort: effort.nullish(), summary: z.string().nullish() }).nullish(),
  text: z
    .object({ format: textFormat.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish().catch(undefined) })
    .nullish(),
  prompt_cache_key: z.string().nullish(),
  metadata: jsonObject.nullish(),
});
export type RequestBody = z.infer<typeof requestBody>;

/** Input items. The schema is chosen by `type`. */

/** Parts are parsed one by one, so that an error can name the part. */
const contentParts = z.array(z.unknown());

export const messageItem = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), contentParts], { error: 'expected a string or a list of content parts' }),
  phase: z.string().nullish(),
});

export const reasoningItem = z.object({
  summary: z.array(z.object({ text: z.string() })).nullish(),
  content: z.array(z.object({ text: z.string().nullish() })).nullish(),
  encrypted_content: z.string().nullish(),
});

/** Of a call. Some servers, and so their clients, send the value where its text belongs. */
const inputText = z
  .unknown()
  .transform((value) => (typeof value === 'string' ? value : value === null ? undefined : JSON.stringify(value)))
  .optional();

const callId = z.string().min(1, { error: 'expected a call id, received an empty string' });

export const functionCallItem = z.object({
  call_id: callId,
  name: z.string(),
  namespace: z.string().nullish(),
  arguments: inputText,
});

export const customCallItem = z.object({
  call_id: callId,
  name: z.string(),
  namespace: z.string().nullish(),
  input: z.string(),
});

export const callOutputItem = z.object({
  call_id: callId,
  output: z.union([z.string(), contentParts], { error: 'expected a string or a list of content parts' }),
});

export const additionalToolsItem = z.object({ tools: z.array(z.unknown()) });

export const textPart = z.object({ text: z.string() });
export const refusalPart = z.object({ refusal: z.string() });
export const imagePart = z.object({ image_url: z.string().nullish(), detail: z.string().nullish() });
/** As Chat Completions has it. */
export const chatImagePart = z.object({ image_url: z.union([z.string(), z.object({ url: z.string() })]) });
export const filePart = z.object({
  filename: z.string().nullish(),
  file_data: z.string().nullish(),
  file_id: z.string().nullish(),
  file_url: z.string().nullish(),
});
export const audioPart = z.object({ input_audio: z.object({ data: z.string(), format: z.string() }) });

/** Tools. */

export const namespaceTool = z.object({ ...toolHead, tools: z.array(z.unknown()) });

export const namedChoice = z.object({ name: z.string(), namespace: z.string().nullish() });
export const allowedToolsChoice = z.object({ mode: z.enum(['auto', 'required']), tools: z.array(jsonObject) });
