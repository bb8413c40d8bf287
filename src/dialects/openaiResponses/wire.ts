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

const callId = z.string().min(1, { error: 'expected a call id, received an empty string' });

export const functionCallItem = z.object({
  call_id: callId,
  name: z.string(),
  namespace: z.string().nullish(),
  arguments: z.string(),
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

export const itemReference = z.object({ id: z.string(), type: z.literal('item_reference') });

export const additionalToolsItem = z.object({ tools: z.array(z.unknown()) });

export const textPart = z.object({ text: z.string() });
export const refusalPart = z.object({ refusal: z.string() });
export const imagePart = z.object({ image_url: z.string().nullish(), detail: z.string().nullish() });
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

/** A provider's answer. A field of the wrong type counts as absent. */

const optionalText = z.string().nullish().catch(undefined);
const optionalNumber = z.number().nullish().catch(undefined);

const texts = z
  .array(z.object({ type: optionalText, text: optionalText, refusal: optionalText }))
  .nullish()
  .catch(undefined);

/** Keeps all fields, since items of unknown types are passed on unchanged. */
export const outputItem = z.looseObject({ type: z.string(), id: optionalText });
export type OutputItem = z.infer<typeof outputItem>;

/** The fields that are read from messages, reasoning and calls. Some providers send a call's arguments as an object. */
export const itemFields = z.object({
  call_id: optionalText,
  name: optionalText,
  namespace: optionalText,
  arguments: z
    .union([z.string(), jsonObject.transform((value) => JSON.stringify(value))])
    .nullish()
    .catch(undefined),
  input: optionalText,
  phase: optionalText,
  summary: texts,
  content: texts,
  encrypted_content: optionalText,
});

export const usage = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  input_tokens_details: z
    .object({ cached_tokens: optionalNumber, cache_write_tokens: optionalNumber })
    .nullish()
    .catch(undefined),
  output_tokens_details: z.object({ reasoning_tokens: optionalNumber }).nullish().catch(undefined),
});

/** `error` may have any shape: the provider error classifier reads it. */
export const responseObject = z.object({
  id: optionalText,
  model: optionalText,
  status: optionalText,
  output: z.array(outputItem).nullish().catch(undefined),
  usage: usage.nullish().catch(undefined),
  error: z.unknown().optional(),
  incomplete_details: z.object({ reason: optionalText }).nullish().catch(undefined),
});
export type ResponseObject = z.infer<typeof responseObject>;

export const streamEvent = z.object({
  type: z.string(),
  item_id: optionalText,
  output_index: optionalNumber,
  content_index: optionalNumber,
  summary_index: optionalNumber,
  delta: optionalText,
  item: outputItem.nullish().catch(undefined),
  part: z.object({ type: optionalText }).nullish().catch(undefined),
  response: responseObject.nullish().catch(undefined),
});
export type ResponsesEvent = z.infer<typeof streamEvent>;
