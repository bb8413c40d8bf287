import type { StreamEvent } from '../../../../src/canonical/events.ts';
import type { JsonObject } from '../../../../src/canonical/request.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import type { SseFrame } from '../../../../src/sse/frame.ts';
import { readEvents, writersOf } from '../../../support/dialectWriter.ts';

export { emptyRequest, makeContext, readEvents, type WireEvent } from '../../../support/dialectWriter.ts';

export const { write, writeEvents } = writersOf(openaiResponses);

/** Reasoning, text, a function call, a custom call and, interleaved with it, a namespaced call. */
export const exampleTurn: StreamEvent[] = [
  { type: 'start' },
  { type: 'block-start', index: 0, block: { type: 'reasoning' } },
  { type: 'block-delta', index: 0, text: 'raw reas' },
  { type: 'block-delta', index: 0, text: 'oning te' },
  { type: 'block-delta', index: 0, text: 'xt one' },
  { type: 'block-end', index: 0, proof: { type: 'encrypted', data: 'ENC1' } },
  { type: 'block-start', index: 1, block: { type: 'text' } },
  { type: 'block-delta', index: 1, text: 'I will r' },
  { type: 'block-delta', index: 1, text: 'un a com' },
  { type: 'block-delta', index: 1, text: 'mand.' },
  { type: 'block-end', index: 1 },
  { type: 'block-start', index: 2, block: { type: 'tool-call', kind: 'function', id: 'call_1', name: 'exec_command' } },
  { type: 'block-delta', index: 2, text: '{"cmd":"' },
  {
    type: 'block-start',
    index: 3,
    block: { type: 'tool-call', kind: 'custom', id: 'call_2', name: 'apply_patch' },
  },
  { type: 'block-delta', index: 3, text: '*** Begin' },
  { type: 'block-delta', index: 2, text: 'echo FULL-OK"}' },
  {
    type: 'block-start',
    index: 4,
    block: { type: 'tool-call', kind: 'function', id: 'call_3', name: 'spawn_agent', namespace: 'multi_agent_v1' },
  },
  { type: 'block-delta', index: 4, text: '{"task":' },
  { type: 'block-delta', index: 3, text: ' Patch\n*** End Patch\n' },
  { type: 'block-end', index: 3 },
  { type: 'block-delta', index: 4, text: '"x"}' },
  { type: 'block-end', index: 2 },
  { type: 'block-end', index: 4 },
  {
    type: 'finish',
    reason: 'tool-calls',
    raw: 'tool_calls',
    usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 40, reasoningTokens: 5 },
  },
];

/** The items of `output_item.done` events, which clients collect to send them back. */
export function doneItems(frames: SseFrame[]): JsonObject[] {
  return readEvents(frames)
    .filter((event) => event.type === 'response.output_item.done')
    .map((event) => event['item'] as JsonObject);
}
