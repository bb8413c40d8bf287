import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../../src/canonical/editRequest.ts';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { FinishReason, StreamEvent } from '../../../../src/canonical/events.ts';
import type { SseFrame } from '../../../../src/sse/frame.ts';
import { readFrames } from '../../../../src/sse/readFrames.ts';
import { eachFrame } from '../../../support/eachFrame.ts';
import {
  doneItems,
  emptyRequest,
  exampleTurn,
  makeContext,
  readEvents,
  write,
  writeEvents,
  type WireEvent,
} from './support.ts';

/** The reference stream, recorded from a session of the real CLI. */
function recordedEvents(): WireEvent[] {
  const frames: SseFrame[] = [];
  const parser = readFrames(eachFrame((frame) => frames.push(frame)));
  parser.push(readFileSync('test/fixtures/providers/responses-reasoning-text-tool-call.sse', 'utf8'));
  parser.end();
  return readEvents(frames);
}

function textTurn(reason: FinishReason): StreamEvent[] {
  return [
    { type: 'start' },
    { type: 'block-start', index: 0, block: { type: 'text' } },
    { type: 'block-delta', index: 0, text: 'Half an ans' },
    { type: 'block-end', index: 0 },
    { type: 'finish', reason, raw: reason },
  ];
}

function lastResponse(frames: SseFrame[]): WireEvent {
  return readEvents(frames).at(-1)?.['response'] as WireEvent;
}

const brokenOff = new GatewayError('connection', 'deepseek closed the connection.');

const emptyCall = (index: number, id: string): StreamEvent[] => [
  { type: 'block-start', index, block: { type: 'tool-call', kind: 'function', id, name: 'f' } },
  { type: 'block-end', index },
];

describe('streamWriter', () => {
  it('writes the whole event sequence', async () => {
    const lines = readEvents(writeEvents(exampleTurn)).map((event) => JSON.stringify(event));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/turn.jsonl');
  });

  it('writes every field of each event type that the recorded stream has', () => {
    const ours = new Map<string, WireEvent>();
    for (const event of readEvents(writeEvents(exampleTurn))) ours.set(fieldsKey(event), event);
    for (const event of recordedEvents()) {
      const same = ours.get(fieldsKey(event));
      expect(same, `no event like ${JSON.stringify(event)}`).toBeDefined();
      expect(keysOf(same)).toEqual(expect.arrayContaining(keysOf(event)));
    }
  });

  it('numbers all events and gives each item its own index', () => {
    const events = readEvents(writeEvents(exampleTurn));
    expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, index) => index));
    const added = events.filter((event) => event.type === 'response.output_item.added');
    expect(added.map((event) => event['output_index'])).toEqual([0, 1, 2, 3, 4]);
  });

  it('repeats the ended items in the last event, in the order in which they started', () => {
    const frames = writeEvents(exampleTurn);
    const byStart = readEvents(frames)
      .filter((event) => event.type === 'response.output_item.done')
      .sort((a, b) => Number(a['output_index']) - Number(b['output_index']));
    expect(lastResponse(frames)['output']).toEqual(byStart.map((event) => event['item']));
  });

  it.each([
    ['codex', 'length', 'response.completed', null],
    ['codex', 'content-filter', 'response.completed', null],
    ['other', 'length', 'response.incomplete', { reason: 'max_output_tokens' }],
    ['other', 'content-filter', 'response.incomplete', { reason: 'content_filter' }],
    ['other', 'stop', 'response.completed', null],
  ] as const)('ends for %s after %s with %s', (client, reason, type, details) => {
    const frames = writeEvents(textTurn(reason), makeContext({ client }));
    const last = readEvents(frames).at(-1);
    expect(last?.type).toBe(type);
    expect(last?.['response']).toMatchObject({ status: type.slice('response.'.length), incomplete_details: details });
  });

  it('marks the item that a length stop cut off', () => {
    const [item] = lastResponse(writeEvents(textTurn('length')))['output'] as WireEvent[];
    expect(item).toMatchObject({ type: 'message', status: 'incomplete' });
  });

  it('writes null for unknown usage', () => {
    expect(lastResponse(writeEvents(textTurn('stop')))['usage']).toBeNull();
    const usage = { inputTokens: 3, outputTokens: 2 };
    const known = writeEvents([{ type: 'start' }, { type: 'finish', reason: 'stop', raw: 'stop', usage }]);
    expect(lastResponse(known)['usage']).toEqual({
      input_tokens: 3,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 5,
    });
  });

  it('makes call ids unique and nonempty', () => {
    const items = doneItems(
      writeEvents([...emptyCall(0, 'functions.f:0'), ...emptyCall(1, 'functions.f:0'), ...emptyCall(2, '')]),
    );
    expect(items.map((item) => item['call_id'])).toEqual(['functions.f:0', 'call_1', 'call_2']);
  });

  it('writes reasoning that has only a proof', () => {
    const [item] = doneItems(
      writeEvents([
        { type: 'block-start', index: 0, block: { type: 'reasoning' } },
        { type: 'block-end', index: 0, proof: { type: 'encrypted', data: 'E' } },
      ]),
    );
    expect(item).toMatchObject({ type: 'reasoning', summary: [], content: [], encrypted_content: 'E' });
  });

  it('writes its own native blocks and omits those of other dialects', () => {
    const json = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
    const frames = writeEvents([
      { type: 'block-start', index: 0, block: { type: 'native', dialect: 'anthropic-messages', json: { type: 'x' } } },
      { type: 'block-end', index: 0 },
      { type: 'block-start', index: 1, block: { type: 'native', dialect: 'openai-responses', json } },
      { type: 'block-end', index: 1 },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]);
    expect(doneItems(frames)).toEqual([json]);
    expect(lastResponse(frames)['output']).toEqual([json]);
  });

  it('keeps a phase on its message', () => {
    const events: StreamEvent[] = [
      { type: 'block-start', index: 0, block: { type: 'text', phase: 'commentary' } },
      { type: 'block-end', index: 0 },
    ];
    expect(doneItems(writeEvents(events))[0]).toMatchObject({ phase: 'commentary' });
  });

  it('echoes the small parameters of the request, and no tools', () => {
    const request = createRequest({
      ...emptyRequest,
      tools: [{ kind: 'function', name: 'f', parameters: {} }],
      toolChoice: { type: 'required' },
      parallelToolCalls: false,
      sampling: { temperature: 0.5, maxTokens: 9 },
      metadata: { a: 'b' },
    });
    expect(lastResponse(writeEvents(textTurn('stop'), makeContext({ request })))).toMatchObject({
      model: 'some-model',
      tools: [],
      tool_choice: 'required',
      parallel_tool_calls: false,
      temperature: 0.5,
      top_p: null,
      max_output_tokens: 9,
      metadata: { a: 'b' },
      text: { format: { type: 'text' } },
      instructions: null,
      error: null,
    });
  });
});

describe('keepAlive', () => {
  it('opens the stream, then repeats that it is in progress, until the end', () => {
    const frames = write((writer) => {
      writer.keepAlive();
      writer.keepAlive();
      for (const event of textTurn('stop')) writer.push(event);
      writer.keepAlive();
    });
    const types = readEvents(frames).map((event) => event.type);
    expect(types.slice(0, 4)).toEqual([
      'response.created',
      'response.in_progress',
      'response.in_progress',
      'response.output_item.added',
    ]);
    expect(types.filter((type) => type === 'response.created')).toHaveLength(1);
    expect(types.at(-1)).toBe('response.completed');
  });
});

describe('fail', () => {
  it('ends an interrupted stream with server_error, without ending its open items', () => {
    const frames = write(
      (writer) => {
        for (const event of exampleTurn.slice(0, 13)) writer.push(event);
        writer.fail(brokenOff);
        writer.push({ type: 'finish', reason: 'stop', raw: 'stop' });
        writer.fail(brokenOff);
      },
      makeContext({ client: 'codex' }),
    );
    const last = readEvents(frames).at(-1);
    expect(last?.type).toBe('response.failed');
    expect(last?.['response']).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: brokenOff.message },
      output: [{ status: 'completed' }, { status: 'completed' }, { type: 'function_call', status: 'incomplete' }],
    });
    expect(doneItems(frames).map((item) => item['type'])).toEqual(['reasoning', 'message']);
    expect(readEvents(frames).filter((event) => event.type === 'response.failed')).toHaveLength(1);
  });

  it.each([
    ['codex', new GatewayError('auth', 'The key of zai is refused.'), 'invalid_prompt', 'The key of zai is refused.'],
    ['codex', brokenOff, 'invalid_prompt', brokenOff.message],
    ['codex', new GatewayError('context-length', 'Too long.'), 'context_length_exceeded', 'Too long.'],
    [
      'codex',
      new GatewayError('rate-limited', 'Slow down.', { retryAfterMs: 1500 }),
      'rate_limit_exceeded',
      'Slow down. Please try again in 2s.',
    ],
    [
      'codex',
      new GatewayError('rate-limited', 'Limit: try again in 7s.', { retryAfterMs: 7000 }),
      'rate_limit_exceeded',
      'Limit: try again in 7s.',
    ],
    [
      'codex',
      new GatewayError('rate-limited', 'Weekly limit reached.', { retryAfterMs: 5 * 86_400_000 }),
      'invalid_prompt',
      'Weekly limit reached.',
    ],
    [
      'codex',
      new GatewayError('quota', 'No credit.', { retryAfterMs: 31 * 86_400_000 }),
      'invalid_prompt',
      'No credit.',
    ],
    [
      'other',
      new GatewayError('rate-limited', 'Weekly limit reached.', { retryAfterMs: 5 * 86_400_000 }),
      'rate_limit_exceeded',
      'Weekly limit reached.',
    ],
    ['other', new GatewayError('auth', 'The key of zai is refused.'), 'server_error', 'The key of zai is refused.'],
    ['other', new GatewayError('invalid-request', 'No.'), 'invalid_prompt', 'No.'],
  ] as const)('before any content tells %s of %s as %s', (client, error, code, message) => {
    const frames = write((writer) => {
      writer.keepAlive();
      writer.fail(error);
    }, makeContext({ client }));
    expect(readEvents(frames).map((event) => event.type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.failed',
    ]);
    expect(lastResponse(frames)['error']).toEqual({ code, message });
  });
});

/** The kind of an event. Events of the same kind have the same fields. */
function fieldsKey(event: WireEvent): string {
  const inner = (event['item'] ?? event['part']) as { type?: string } | undefined;
  return `${event.type} ${inner?.type ?? ''}`;
}

function keysOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((entry) => keysOf(entry, `${path}[]`));
  return Object.entries(value).flatMap(([key, entry]) => keysOf(entry, `${path}.${key}`));
}
