import type { JsonObject } from './json.ts';
import type { Frame, Reply } from './profile.ts';

// The full event set that Codex and the strict openai SDK both accept:
// test/fixtures/providers/responses-reasoning-text-tool-call.sse.

type Emit = (type: string, fields: JsonObject, content?: boolean) => void;

/** How a provider of this wire differs from OpenAI. */
export type ResponsesStyle = {
  /** The encrypted content that it accepts back for reasoning that it has not stored. */
  blob: (reasoning: string) => string;
  /** Whether reasoning has content beside its summary. */
  reasoningText: boolean;
  /** Whether the arguments of a call arrive in one delta. */
  wholeArguments: boolean;
};

export const openAiStyle: ResponsesStyle = {
  blob: (reasoning) => `enc_${Buffer.from(reasoning).toString('base64')}`,
  reasoningText: true,
  wholeArguments: false,
};

export function responseFrames(reply: Reply, style = openAiStyle): Frame[] {
  const frames: Frame[] = [];
  const emit: Emit = (type, fields, content = false) => {
    const payload = { type, sequence_number: frames.length, ...fields };
    frames.push({ text: `event: ${type}\ndata: ${JSON.stringify(payload)}\n\n`, content });
  };
  const items = itemsOf(reply, style);
  emit('response.created', { response: envelope(reply, 'in_progress', []) });
  emit('response.in_progress', { response: envelope(reply, 'in_progress', []) });
  for (const [index, item] of items.entries()) emitItem(emit, reply, item, index, style);
  emit('response.completed', { response: envelope(reply, 'completed', items) });
  return frames;
}

export function failedFrame(message: string): Frame {
  const payload = {
    type: 'response.failed',
    sequence_number: 0,
    response: {
      id: 'resp_failed',
      object: 'response',
      status: 'failed',
      output: [],
      error: { code: 'server_error', message },
    },
  };
  return { text: `event: response.failed\ndata: ${JSON.stringify(payload)}\n\n`, content: false };
}

export function envelope(reply: Reply, status: string, output: JsonObject[]): JsonObject {
  const { prompt, cached, completion, reasoning } = reply.usage;
  const usage = {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + completion,
  };
  return {
    id: reply.id,
    object: 'response',
    created_at: 1_700_000_000,
    status,
    model: reply.model,
    output,
    usage: status === 'completed' ? usage : null,
    error: null,
    incomplete_details: null,
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    metadata: {},
    store: false,
  };
}

export function itemsOf(reply: Reply, style = openAiStyle): JsonObject[] {
  const { turn } = reply;
  const items: JsonObject[] = [];
  if (turn.reasoning !== '') items.push(reasoningItem(reply, style));
  if (turn.text !== '') {
    const part = { type: 'output_text', text: turn.text, annotations: [], logprobs: [] };
    items.push({ type: 'message', id: `msg_${reply.id}`, status: 'completed', role: 'assistant', content: [part] });
  }
  for (const [index, call] of turn.calls.entries()) {
    const common = {
      call_id: reply.callIds[index],
      name: call.tool.name,
      status: 'completed',
      ...(call.tool.namespace === undefined ? {} : { namespace: call.tool.namespace }),
    };
    items.push(
      call.tool.kind === 'custom'
        ? { type: 'custom_tool_call', id: `ctc_${reply.id}_${index}`, ...common, input: call.input }
        : { type: 'function_call', id: `fc_${reply.id}_${index}`, ...common, arguments: call.input },
    );
  }
  return items;
}

function reasoningItem(reply: Reply, style: ResponsesStyle): JsonObject {
  const { reasoning } = reply.turn;
  return {
    type: 'reasoning',
    id: `rs_${reply.id}`,
    status: 'completed',
    summary: [{ type: 'summary_text', text: reasoning }],
    ...(style.reasoningText ? { content: [{ type: 'reasoning_text', text: reasoning }] } : {}),
    ...(wantsBlob(reply.body) ? { encrypted_content: style.blob(reasoning) } : {}),
  };
}

function wantsBlob(body: JsonObject): boolean {
  const { include } = body;
  return Array.isArray(include) && include.includes('reasoning.encrypted_content');
}

function emitItem(emit: Emit, reply: Reply, item: JsonObject, outputIndex: number, style: ResponsesStyle): void {
  const at = { item_id: item['id'], output_index: outputIndex };
  emit('response.output_item.added', { output_index: outputIndex, item: emptied(item) });
  switch (item['type']) {
    case 'reasoning':
      emitReasoning(emit, reply, at, style);
      break;
    case 'message':
      emitText(emit, reply, at);
      break;
    default:
      emitCall(emit, style.wholeArguments ? whole : reply.pieces, item, at);
  }
  emit('response.output_item.done', { output_index: outputIndex, item });
}

function emptied(item: JsonObject): JsonObject {
  const empty: JsonObject = { ...item, status: 'in_progress' };
  if ('summary' in item) empty['summary'] = [];
  if ('encrypted_content' in item) empty['encrypted_content'] = null;
  if ('content' in item) empty['content'] = [];
  if ('arguments' in item) empty['arguments'] = '';
  if ('input' in item) empty['input'] = '';
  return empty;
}

function emitReasoning(emit: Emit, reply: Reply, at: JsonObject, style: ResponsesStyle): void {
  const text = reply.turn.reasoning;
  const summary = { ...at, summary_index: 0 };
  emit('response.reasoning_summary_part.added', { ...summary, part: { type: 'summary_text', text: '' } });
  for (const delta of reply.pieces(text)) emit('response.reasoning_summary_text.delta', { ...summary, delta }, true);
  emit('response.reasoning_summary_text.done', { ...summary, text });
  emit('response.reasoning_summary_part.done', { ...summary, part: { type: 'summary_text', text } });
  if (!style.reasoningText) return;
  const content = { ...at, content_index: 0 };
  emit('response.content_part.added', { ...content, part: { type: 'reasoning_text', text: '' } });
  for (const delta of reply.pieces(text)) emit('response.reasoning_text.delta', { ...content, delta }, true);
  emit('response.reasoning_text.done', { ...content, text });
  emit('response.content_part.done', { ...content, part: { type: 'reasoning_text', text } });
}

function emitText(emit: Emit, reply: Reply, at: JsonObject): void {
  const text = reply.turn.text;
  const content = { ...at, content_index: 0 };
  emit('response.content_part.added', { ...content, part: { type: 'output_text', text: '', annotations: [] } });
  for (const delta of reply.pieces(text)) emit('response.output_text.delta', { ...content, delta, logprobs: [] }, true);
  emit('response.output_text.done', { ...content, text, logprobs: [] });
  emit('response.content_part.done', { ...content, part: { type: 'output_text', text, annotations: [] } });
}

function whole(text: string): string[] {
  return [text];
}

function emitCall(emit: Emit, cut: (text: string) => string[], item: JsonObject, at: JsonObject): void {
  const custom = item['type'] === 'custom_tool_call';
  const name = custom ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
  const text = String(custom ? item['input'] : item['arguments']);
  for (const delta of cut(text)) emit(`${name}.delta`, { ...at, delta }, true);
  emit(`${name}.done`, { ...at, ...(custom ? { input: text } : { arguments: text, name: item['name'] }) });
}
