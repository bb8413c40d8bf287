import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { Block, ReplyBlock, StreamEvent } from '../../../../src/canonical/events.ts';
import type { Proof } from '../../../../src/canonical/request.ts';
import { writeReply } from '../../../../src/dialects/anthropicMessages/reply.ts';
import { isSealed } from '../../../../src/reasoning/sealer.ts';
import { exampleTurn, makeContext, readEvents, request, write, writeEvents } from './support.ts';

const finish: StreamEvent = { type: 'finish', reason: 'stop', raw: 'stop' };
const block = (index: number, opened: Block, text = '', proof?: Proof): StreamEvent[] => [
  { type: 'block-start', index, block: opened },
  ...(text ? [{ type: 'block-delta' as const, index, text }] : []),
  { type: 'block-end', index, proof },
];
const call = (id: string): Block => ({ type: 'tool-call', kind: 'function', id, name: 'f' });
const written = (...events: StreamEvent[]) => readEvents(writeEvents([{ type: 'start' }, ...events, finish]));
const starts = (...events: StreamEvent[]) =>
  written(...events).flatMap((event) => (event.type === 'content_block_start' ? [event['content_block']] : []));

it('writes a whole turn, one block after another', () => {
  const golden = new URL('golden/turn.jsonl', import.meta.url);
  const lines = `${readEvents(writeEvents(exampleTurn))
    .map((event) => JSON.stringify(event))
    .join('\n')}\n`;
  if (process.env['UPDATE']) writeFileSync(golden, lines);
  expect(lines).toBe(readFileSync(golden, 'utf8'));
});

describe('a proof without text', () => {
  const proof: ReplyBlock = { type: 'reasoning', text: '', proof: { type: 'encrypted', data: 'E' } };
  const text: ReplyBlock = { type: 'text', text: 'Hi.' };
  const tool: ReplyBlock = { type: 'tool-call', kind: 'function', id: 'c', name: 'f', text: '{}' };
  const words: ReplyBlock = { type: 'reasoning', text: 'Hm.' };

  it.each<[string, string[], ReplyBlock[]]>([
    ['behind the answer is left out: clients take the last block for it', ['text'], [text, proof]],
    ['behind a call stays', ['text', 'tool_use', 'thinking'], [text, tool, proof]],
    ['before a call stays', ['text', 'thinking', 'tool_use'], [text, proof, tool]],
    ['before the answer stays', ['thinking', 'text'], [proof, text]],
    ['that is all there is stays', ['thinking'], [proof]],
    ['before more words stays', ['text', 'thinking', 'thinking'], [text, proof, words]],
  ])('%s', (_what, types, blocks) => {
    const events = blocks.flatMap((each, index) => block(index, each, each.text, each.proof));
    expect(starts(...events)).toEqual(types.map((type) => expect.objectContaining({ type })));
    const { content } = writeReply({ blocks, finish: 'stop' }, makeContext());
    expect(content).toEqual(types.map((type) => expect.objectContaining({ type })));
  });
});

describe('blocks', () => {
  it('are not written if empty, as providers refuse an empty text that is sent back', () => {
    expect(
      starts(...block(0, { type: 'text' }), ...block(1, { type: 'reasoning' }), ...block(2, { type: 'refusal' })),
    ).toEqual([]);
  });

  it('are numbered without gaps', () => {
    const events = written(...block(0, { type: 'text' }), ...block(1, { type: 'text' }, 'a'), ...block(2, call('c')));
    expect(events.flatMap((event) => ('index' in event ? [event['index']] : []))).toEqual([0, 0, 0, 1, 1]);
  });

  it('of refusals are written as text', () => {
    expect(written(...block(0, { type: 'refusal' }, 'No.'))).toContainEqual(
      expect.objectContaining({ delta: { type: 'text_delta', text: 'No.' } }),
    );
  });

  it('native to this dialect are passed on unchanged, those of other dialects are left out', () => {
    const json = { type: 'web_search_tool_result', tool_use_id: 's', content: [] };
    expect(
      starts(
        ...block(0, { type: 'native', dialect: 'anthropic-messages', json }),
        ...block(1, { type: 'native', dialect: 'openai-responses', json: { type: 'web_search_call' } }),
      ),
    ).toEqual([json]);
  });

  it('of custom tools send their text inside JSON, as a delta like every input', () => {
    const custom: Block = { type: 'tool-call', kind: 'custom', id: 'c', name: 'apply_patch' };
    const events = written(...block(0, custom, '*** Begin'));
    expect(events).toContainEqual(
      expect.objectContaining({ content_block: { type: 'tool_use', id: 'c', name: 'apply_patch', input: {} } }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ delta: { type: 'input_json_delta', partial_json: '{"input":"*** Begin"}' } }),
    );
  });
});

describe('thinking', () => {
  const signatures = (text: string, proof?: Proof) =>
    written(...block(0, { type: 'reasoning' }, text, proof)).flatMap(({ delta }) =>
      typeof delta === 'object' && delta && 'signature' in delta ? [delta.signature] : [],
    );

  it('has the provider’s signature, another proof sealed, or an empty signature', () => {
    expect(signatures('Hm.', { type: 'signature', signature: 'S' })).toEqual(['S']);
    expect(signatures('Hm.', { type: 'encrypted', data: 'E' }).every(isSealed)).toBe(true);
    expect(signatures('Hm.', { type: 'encrypted', data: 'E' })).toHaveLength(1);
    expect(signatures('Hm.')).toEqual(['']);
  });

  it('without text is still a block, and redacted thinking is a block of its own type', () => {
    expect(starts(...block(0, { type: 'reasoning' }, '', { type: 'signature', signature: 'S' }))).toEqual([
      { type: 'thinking', thinking: '', signature: '' },
    ]);
    expect(signatures('', { type: 'signature', signature: 'S' })).toEqual(['S']);
    expect(starts(...block(0, { type: 'reasoning' }, '', { type: 'redacted', data: 'R' }))).toEqual([
      { type: 'redacted_thinking', data: 'R' },
    ]);
    expect(signatures('', { type: 'redacted', data: 'R' })).toEqual([]);
  });
});

describe('ids of calls', () => {
  const idsOf = (context = makeContext(), ...ids: string[]) =>
    readEvents(
      writeEvents(
        ids.flatMap((id, index) => block(index, call(id))),
        context,
      ),
    ).flatMap((event) => (event.type === 'content_block_start' ? [(event['content_block'] as { id: string }).id] : []));

  it('are the provider’s, each used once', () => {
    expect(idsOf(makeContext(), 'functions.f:0', 'call_1', 'call_1', '')).toEqual([
      'functions.f:0',
      'call_1',
      'toolu_1',
      'toolu_2',
    ]);
  });

  it('are new if the conversation already contains them', () => {
    const part = { type: 'tool-call' as const, id: 'call_0', kind: 'function' as const, name: 'f', input: '{}' };
    const context = makeContext({ request: request([{ role: 'assistant', parts: [part] }]) });
    expect(idsOf(context, 'call_0', 'call_1')).toEqual(['toolu_1', 'call_1']);
  });
});

describe('the end', () => {
  const endOf = (event: StreamEvent) => readEvents(writeEvents([{ type: 'start' }, event])).slice(-2);

  it.each([
    ['stop', 'stop', 'end_turn'],
    ['stop', 'stop_sequence', 'stop_sequence'],
    ['stop', 'pause_turn', 'pause_turn'],
    ['length', 'length', 'max_tokens'],
    ['length', 'model_context_window_exceeded', 'model_context_window_exceeded'],
    ['tool-calls', 'stop_sequence', 'tool_use'],
    ['content-filter', 'content_filter', 'refusal'],
    ['stop', 'constructor', 'end_turn'],
  ] as const)('%s (%s) is %s', (reason, raw, stopReason) => {
    expect(endOf({ type: 'finish', reason, raw })).toMatchObject([
      { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null } },
      { type: 'message_stop' },
    ]);
  });

  it('reports usage with cached tokens separate, and zeros if unknown', () => {
    const usage = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 40, cacheWriteTokens: 10 };
    expect(endOf({ ...finish, usage } as StreamEvent)[0]?.['usage']).toEqual({
      input_tokens: 50,
      cache_read_input_tokens: 40,
      cache_creation_input_tokens: 10,
      output_tokens: 20,
    });
    expect(endOf(finish)[0]?.['usage']).toMatchObject({ input_tokens: 0, output_tokens: 0 });
  });
});

describe('keepAlive', () => {
  it('opens the stream once', () => {
    const types = readEvents(
      write((writer) => {
        writer.keepAlive();
        writer.keepAlive();
        writer.push({ type: 'start' });
        writer.push(finish);
        writer.keepAlive();
      }),
    ).map(({ type }) => type);
    expect(types).toEqual(['message_start', 'ping', 'ping', 'message_delta', 'message_stop']);
  });
});

describe('a failure', () => {
  it('is the last event and closes no block, as clients run a call whose block ends', () => {
    const events = readEvents(
      write((writer) => {
        for (const event of exampleTurn.slice(0, 11)) writer.push(event);
        writer.fail(new GatewayError('connection', 'Gone.'));
        writer.push(finish);
        writer.fail(new GatewayError('connection', 'Again.'));
      }),
    );
    expect(events.at(-1)).toEqual({ type: 'error', error: { type: 'api_error', message: 'Gone.' } });
    expect(events.at(-2)?.type).toBe('content_block_delta');
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  it('tells Claude Code to compact or to retry later', () => {
    const errorOf = (error: GatewayError) =>
      readEvents(write((writer) => writer.fail(error), makeContext({ client: 'claude-code' }))).at(-1)?.['error'];
    expect(errorOf(new GatewayError('context-length', '9 tokens'))).toEqual({
      type: 'invalid_request_error',
      message: 'prompt is too long: 9 tokens',
    });
    expect(errorOf(new GatewayError('upstream', 'x'))).toEqual({ type: 'overloaded_error', message: 'x' });
  });
});
