import * as z from 'zod';

export { invalid, readWire } from '../readWire.ts';

/** Loose schemas of the Messages API: only the fields that are read. Other fields are kept or ignored. */

export const jsonObject = z.record(z.string(), z.unknown(), { error: 'expected an object' });

/** Requests of clients. A wrong type is an error that names the field; null means absent. */

const text = z.string().nullish();
const number = z.number().nullish();

const outputFormat = z.object({ type: z.string(), schema: jsonObject.nullish() }).nullish();

/** Messages, blocks and tools are read one by one, so that an error can name the one at fault. */
export const requestBody = z.object({
  model: text,
  messages: z.array(z.unknown(), { error: 'expected a list of messages' }),
  system: z.union([z.string(), z.array(z.unknown())], { error: 'expected text or a list of text blocks' }).nullish(),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z
    .object({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: text,
      disable_parallel_tool_use: z.boolean().nullish(),
    })
    .nullish(),
  stream: z.boolean().nullish(),
  max_tokens: number,
  temperature: number,
  top_p: number,
  top_k: number,
  stop_sequences: z.array(z.string()).nullish(),
  thinking: z.object({ type: z.string(), budget_tokens: number, display: text }).nullish(),
  output_config: z.object({ effort: text, format: outputFormat }).nullish(),
  /** The field's location in a beta of structured outputs. */
  output_format: outputFormat,
  metadata: jsonObject.nullish(),
  /** A conversation stored by the server, with only the new messages in `messages`. */
  thread: jsonObject.nullish(),
});
export type RequestBody = z.infer<typeof requestBody>;

export const message = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(z.unknown())], { error: 'expected text or a list of blocks' }),
});

/** Content blocks. The schema is chosen by `type`. */

export const block = z.looseObject({ type: z.string(), cache_control: jsonObject.nullish() });

const blocks = z.union([z.string(), z.array(z.unknown())], { error: 'expected text or a list of blocks' });

export const textBlock = z.object({ text: z.string() });

/** The source of an image or a document. Its fields depend on `type`. */
const source = z.looseObject({ type: z.string(), media_type: text, data: text, url: text, content: blocks.nullish() });
export type Source = z.infer<typeof source>;

export const imageBlock = z.object({ source });
export const documentBlock = z.object({ source, title: text });
export const searchResultBlock = z.object({
  source: text,
  title: text,
  content: z.array(z.object({ text })).nullish(),
});
export const toolReferenceBlock = z.object({ tool_name: z.string() });
export const thinkingBlock = z.object({ thinking: z.string(), signature: text });
export const redactedThinkingBlock = z.object({ data: z.string() });

const callId = z.string().min(1, { error: 'expected the id of a call, received an empty string' });

export const toolUseBlock = z.object({ id: callId, name: z.string(), input: z.unknown().optional() });
export const toolResultBlock = z.object({
  tool_use_id: callId,
  content: blocks.nullish(),
  is_error: z.boolean().nullish(),
});

/** Tools. One without a type is declared by the client. */

export const anyTool = z.looseObject({ type: text, name: text });
export const clientTool = z.object({
  name: z.string().min(1, { error: 'expected a name' }),
  description: text,
  input_schema: jsonObject,
  strict: z.boolean().nullish(),
  defer_loading: z.boolean().nullish(),
  cache_control: jsonObject.nullish(),
});
