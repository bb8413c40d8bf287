import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { frameBlocks } from '../../../../src/canonical/frameBlocks.ts';
import { collectReply } from '../../../../src/canonical/collectReply.ts';
import type { Delta, Reply } from '../../../../src/canonical/events.ts';
import { chain, runStage } from '../../../../src/canonical/stage.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import type { SseFrame } from '../../../../src/sse/frame.ts';
import { readFrames } from '../../../../src/sse/readFrames.ts';

type Event = { type: string; [key: string]: unknown };

function readDeltas(events: (Event | string)[]): Delta[] {
  const frames = events.map((event): SseFrame =>
    typeof event === 'string' ? { data: event } : { event: event.type, data: JSON.stringify(event) },
  );
  return runStage(openaiResponses.streamReader, frames);
}

/** The reply read from a stream, including the framing of canonical blocks. */
function readAll(events: (Event | string)[]): Reply {
  return collect(readDeltas(events));
}

function collect(deltas: Delta[]): Reply {
  const reply = collectReply();
  for (const event of runStage(frameBlocks({ newCallId: () => 'call_new' }), deltas)) reply.push(event);
  return reply.reply();
}

const completed: Event = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } };
const added = (output_index: number, item: object): Event => ({
  type: 'response.output_item.added',
  output_index,
  item,
});
const done = (output_index: number, item: object): Event => ({ type: 'response.output_item.done', output_index, item });
const message = (text: string) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});
const summaryDelta = (delta: string, summary_index = 0): Event => ({
  type: 'response.reasoning_summary_text.delta',
  item_id: 'rs_1',
  output_index: 0,
  summary_index,
  delta,
});
const contentDelta = (delta: string): Event => ({
  type: 'response.reasoning_text.delta',
  item_id: 'rs_1',
  output_index: 0,
  content_index: 0,
  delta,
});
const reasoningTexts = (events: Event[]): string[] =>
  readDeltas(events).flatMap((delta) => (delta.type === 'reasoning-delta' ? [delta.text] : []));

function readText(pieces: Iterable<string>): Reply {
  const deltas: Delta[] = [];
  const reader = openaiResponses.streamReader((delta) => deltas.push(delta));
  const parser = readFrames((frame) => reader.push(frame));
  for (const piece of pieces) parser.push(piece);
  parser.end();
  reader.end();
  return collect(deltas);
}

const usageOf = (usage: object) =>
  readDeltas([{ type: 'response.completed', response: { usage } }]).find(({ type }) => type === 'usage');

const failed = (error: unknown): Event => ({ type: 'response.failed', response: { status: 'failed', error } });

const errorsOf = (events: (Event | string)[]) =>
  readDeltas(events).flatMap((delta) => (delta.type === 'error' ? [delta.error] : []));

const textDelta = (output_index: number, delta: string, item_id: string): Event => ({
  type: 'response.output_text.delta',
  output_index,
  item_id,
  content_index: 0,
  delta,
});
const emptyCall = (id: string) => ({ type: 'function_call', id, call_id: `call_${id}`, name: 'run', arguments: '' });
const callDelta = (item_id: string, delta: string): Event => ({
  type: 'response.function_call_arguments.delta',
  output_index: 0,
  item_id,
  delta,
});

describe('the recorded stream', () => {
  const stream = readFileSync('test/fixtures/providers/responses-reasoning-text-tool-call.sse', 'utf8');
  const expected = {
    blocks: [
      { type: 'reasoning', text: 'raw reasoning text one', proof: { type: 'encrypted', data: 'ENC1' } },
      { type: 'text', text: 'I will run a command.' },
      { type: 'tool-call', kind: 'function', id: 'call_1', name: 'exec_command', text: '{"cmd":"echo FULL-OK"}' },
    ],
    finish: 'tool-calls',
    usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 40, reasoningTokens: 5 },
  };

  it('is read completely', () => {
    expect(readText([stream])).toEqual(expected);
  });

  it('is read character by character', () => {
    expect(readText(stream)).toEqual(expected);
  });

  it('is an error if it is cut anywhere before its last event', () => {
    const events = stream.trim().split('\n\n');
    for (let count = 0; count < events.length; count++) {
      expect(() =>
        readText([
          events
            .slice(0, count)
            .map((event) => `${event}\n\n`)
            .join(''),
        ]),
      ).toThrow(/before its answer was complete/);
    }
  });
});

describe('items', () => {
  it('may come whole, without deltas, indexes or ids', () => {
    const reply = readAll([
      {
        type: 'response.output_item.done',
        item: { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      },
      { type: 'response.output_item.done', item: { type: 'message', content: [{ type: 'output_text', text: 'Hi.' }] } },
      {
        type: 'response.output_item.done',
        item: { type: 'function_call', call_id: 'c1', name: 'run', arguments: '{"a":1}' },
      },
      {
        type: 'response.output_item.done',
        item: { type: 'custom_tool_call', call_id: 'c2', name: 'patch', input: '***' },
      },
      { type: 'response.completed', response: { id: 'r' } },
    ]);
    expect(reply.blocks).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Hi.' },
      { type: 'tool-call', kind: 'function', id: 'c1', name: 'run', text: '{"a":1}' },
      { type: 'tool-call', kind: 'custom', id: 'c2', name: 'patch', text: '***' },
    ]);
    expect(reply.finish).toBe('tool-calls');
  });

  it('may come only in the output of the last event', () => {
    const output = [message('Hi.'), { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'run', arguments: '{}' }];
    const reply = readAll([{ type: 'response.completed', response: { status: 'completed', output } }]);
    expect(reply.blocks.map((block) => block.text)).toEqual(['Hi.', '{}']);
  });

  it('are not read again from the output of the last event, whatever their ids there', () => {
    const end = { ...completed, response: { output: [{ ...message('Hi.'), id: 'msg_other' }] } };
    expect(readAll([done(0, message('Hi.')), end]).blocks).toHaveLength(1);
  });

  it('that never ended are completed from the output of the last event', () => {
    const end = { ...completed, response: { output: [message('Hi.')] } };
    expect(readAll([added(0, { type: 'message', id: 'msg_1' }), end]).blocks).toEqual([{ type: 'text', text: 'Hi.' }]);
  });

  it('are distinguished by index if every event has another id', () => {
    const reply = readAll([
      added(0, { type: 'message', id: 'x1', phase: 'final_answer' }),
      textDelta(0, 'Hel', 'x2'),
      textDelta(0, 'lo.', 'x3'),
      done(0, { ...message('Hello.'), id: 'x4' }),
      completed,
    ]);
    expect(reply.blocks).toEqual([{ type: 'text', text: 'Hello.', phase: 'final_answer' }]);
  });

  it('are distinguished by id if every event has the same index', () => {
    const reply = readAll([
      added(0, emptyCall('a')),
      added(0, emptyCall('b')),
      callDelta('a', '{"a"'),
      callDelta('b', '{"b"'),
      callDelta('a', ':1}'),
      callDelta('b', ':2}'),
      completed,
    ]);
    expect(reply.blocks.map((block) => block.text)).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('keep the namespace and the kind of calls', () => {
    const item = {
      type: 'custom_tool_call',
      id: 'ctc_1',
      call_id: 'c1',
      name: 'apply_patch',
      namespace: 'functions',
      input: '',
    };
    const reply = readAll([
      added(0, item),
      { type: 'response.custom_tool_call_input.delta', output_index: 0, item_id: 'ctc_1', delta: '*** Begin' },
      done(0, { ...item, input: '*** Begin' }),
      completed,
    ]);
    expect(reply.blocks).toEqual([
      { type: 'tool-call', kind: 'custom', id: 'c1', name: 'apply_patch', namespace: 'functions', text: '*** Begin' },
    ]);
  });

  it('may send the name and id of a call late', () => {
    const reply = readAll([
      added(0, { type: 'function_call', id: 'fc_1', arguments: '' }),
      { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_1', delta: '{}' },
      done(0, { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'run', arguments: '{}' }),
      completed,
    ]);
    expect(reply.blocks).toEqual([{ type: 'tool-call', kind: 'function', id: 'c1', name: 'run', text: '{}' }]);
  });

  it('may have arguments as an object, and before the deltas that repeat them', () => {
    const item = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'run', arguments: { a: 1 } };
    expect(readAll([done(0, item), completed]).blocks[0]?.text).toBe('{"a":1}');
    const early = { ...item, arguments: '{"a":1}' };
    const delta = {
      type: 'response.function_call_arguments.delta',
      output_index: 0,
      item_id: 'fc_1',
      delta: '{"a":1}',
    };
    expect(readAll([added(0, early), delta, done(0, early), completed]).blocks[0]?.text).toBe('{"a":1}');
  });

  it('may have both refusals and text', () => {
    const reply = readAll([
      added(0, { type: 'message', id: 'msg_1' }),
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Well.' },
      { type: 'response.refusal.delta', output_index: 0, content_index: 1, delta: 'No.' },
      done(0, {
        type: 'message',
        id: 'msg_1',
        content: [
          { type: 'output_text', text: 'Well.' },
          { type: 'refusal', refusal: 'No.' },
        ],
      }),
      completed,
    ]);
    expect(reply.blocks).toEqual([
      { type: 'text', text: 'Well.' },
      { type: 'refusal', text: 'No.' },
    ]);
  });

  it('that only this dialect has are passed on whole', () => {
    const item = { type: 'tool_search_call', id: 'ts_1', arguments: { query: 'x' }, call_id: null };
    const reply = readAll([added(0, { ...item, arguments: {} }), done(0, item), completed]);
    expect(reply).toMatchObject({
      blocks: [{ type: 'native', dialect: 'openai-responses', json: item }],
      finish: 'stop',
    });
  });
});

describe('reasoning', () => {
  const plain = added(0, { type: 'reasoning', id: 'rs_1', summary: [] });
  const withContent = added(0, { type: 'reasoning', id: 'rs_1', summary: [], content: [] });

  it('is streamed from its summary if there is nothing else', () => {
    const events = [plain, summaryDelta('One'), summaryDelta(' part.'), summaryDelta('Two.', 1)];
    expect(reasoningTexts(events)).toEqual(['One', ' part.', '\n\nTwo.']);
  });

  it('holds back only the first summary part if content may follow', () => {
    const events = [withContent, summaryDelta('One'), summaryDelta(' part.')];
    const sent: Delta[] = [];
    const reader = openaiResponses.streamReader((delta) => sent.push(delta));
    for (const event of events) reader.push({ data: JSON.stringify(event) });
    expect(sent).toEqual([{ type: 'start', id: undefined, model: undefined }]);
    reader.push({ data: JSON.stringify(summaryDelta('Two.', 1)) });
    expect(sent.slice(1)).toEqual([
      { type: 'reasoning-delta', key: '0', text: 'One part.' },
      { type: 'reasoning-delta', key: '0', text: '\n\nTwo.' },
    ]);
  });

  it('is read from its content, whether that comes before, after or within the summary', () => {
    const part = {
      type: 'response.content_part.added',
      output_index: 0,
      item_id: 'rs_1',
      part: { type: 'reasoning_text', text: '' },
    };
    expect(reasoningTexts([withContent, summaryDelta('Sum.'), part, contentDelta('Own.')])).toEqual(['Own.']);
    expect(reasoningTexts([plain, contentDelta('a'), summaryDelta('a'), contentDelta('b'), summaryDelta('b')])).toEqual(
      ['a', 'b'],
    );
    expect(reasoningTexts([plain, summaryDelta('a'), contentDelta('a'), summaryDelta('b'), contentDelta('b')])).toEqual(
      ['a', 'b'],
    );
  });

  it('is read from the whole item if nothing was streamed, preferring the content', () => {
    const summary = [{ type: 'summary_text', text: 'Sum.' }];
    const content = [{ type: 'reasoning_text', text: 'Own.' }];
    expect(reasoningTexts([done(0, { type: 'reasoning', summary, content })])).toEqual(['Own.']);
    expect(reasoningTexts([done(0, { type: 'reasoning', summary, content: null })])).toEqual(['Sum.']);
    expect(
      reasoningTexts([withContent, summaryDelta('Sum.'), done(0, { type: 'reasoning', id: 'rs_1', summary, content })]),
    ).toEqual(['Own.']);
  });

  it('releases a held summary if another item follows or the stream ends', () => {
    expect(reasoningTexts([withContent, summaryDelta('Sum.'), done(1, message('Hi.'))])).toEqual(['Sum.']);
    expect(reasoningTexts([withContent, summaryDelta('Sum.'), completed])).toEqual(['Sum.']);
    expect(reasoningTexts([withContent, summaryDelta('Sum.')])).toEqual(['Sum.']);
  });

  it('keeps a proof without text', () => {
    const reply = readAll([
      plain,
      done(0, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'BLOB' }),
      completed,
    ]);
    expect(reply.blocks).toEqual([{ type: 'reasoning', text: '', proof: { type: 'encrypted', data: 'BLOB' } }]);
  });

  it('creates no block if there is neither text nor proof', () => {
    expect(readAll([plain, done(0, { type: 'reasoning', id: 'rs_1', summary: [] }), completed]).blocks).toEqual([]);
  });
});

describe('the end', () => {
  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content-filter'],
  ])('is incomplete for %s', (reason, finish) => {
    const event = { type: 'response.incomplete', response: { status: 'incomplete', incomplete_details: { reason } } };
    expect(readDeltas([done(0, message('Hi.')), event])).toContainEqual({
      type: 'finish',
      reason: finish,
      raw: reason,
    });
    // The status decides, not the name of the event.
    expect(readDeltas([{ ...event, type: 'response.completed' }])).toContainEqual({
      type: 'finish',
      reason: finish,
      raw: reason,
    });
  });

  it('has usage, with or without details', () => {
    expect(
      usageOf({
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 15,
      }),
    ).toEqual({
      type: 'usage',
      usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4, cacheWriteTokens: 2, reasoningTokens: 3 },
    });
    expect(usageOf({ input_tokens: 1, output_tokens: 2, input_tokens_details: null })).toEqual({
      type: 'usage',
      usage: { inputTokens: 1, outputTokens: 2 },
    });
    expect(usageOf({ tokens: 'many' })).toBeUndefined();
  });

  it('may be [DONE] alone, after which everything is ignored', () => {
    expect(readAll([done(0, message('Hi.')), '[DONE]']).finish).toBe('stop');
    const deltas = readDeltas([completed, done(0, message('Late.')), '[DONE]']);
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'finish', 'done']);
  });
});

describe('errors', () => {
  it.each([
    [failed({ code: 'rate_limit_exceeded', message: 'Slow down, try again in 2s.' }), 'rate-limited', /Slow down/],
    [failed({ code: 'context_length_exceeded', message: 'Too long.' }), 'context-length', /Too long/],
    [failed({ code: 'server_error', message: 'Boom.' }), 'upstream', /Boom/],
    [failed(null), 'upstream', /ended its response with status failed/],
    [
      { type: 'error', error: { type: 'invalid_request_error', code: 'x', message: 'Nope.' } },
      'invalid-request',
      /Nope/,
    ],
    [{ type: 'error', code: 'server_error', message: 'Flat.', param: null }, 'upstream', /Flat/],
    [{ type: 'response.cancelled', response: {} }, 'upstream', /cancelled/],
    ['{"error":{"message":"Bare.","type":"server_error"}}', 'upstream', /Bare/],
    ['error: the engine died', 'upstream', /the engine died/],
    ['{"choices":[]}', 'protocol', /not part of the Responses API/],
  ] as const)('reads %j', (event, kind, text) => {
    const [error, ...more] = errorsOf([event, completed]);
    expect(error?.kind).toBe(kind);
    expect(error?.message).toMatch(text);
    expect(more).toEqual([]);
  });

  it('reports an error once if the provider sends it twice', () => {
    const error = { code: 'insufficient_quota', message: 'No credit.' };
    expect(errorsOf([{ type: 'error', error }, failed(error)])).toHaveLength(1);
  });

  it('skips frames that can not be read, and events of another API in mid-stream', () => {
    const events = ['null', 'ping', '{not json', '[1]', { type: 'response.created', response: {} }, '{"choices":[]}'];
    expect(readDeltas([...events, completed]).map(({ type }) => type)).toEqual(['start', 'finish', 'done']);
  });

  it('ignores unknown events', () => {
    const events = [
      { type: 'response.web_search_call.searching', item_id: 7, output_index: 'x' },
      { type: 'codex.rate_limits', item: 3 },
      { type: 'keepalive' },
    ];
    expect(readDeltas([...events, completed]).map(({ type }) => type)).toEqual(['start', 'finish', 'done']);
    expect(runStage(openaiResponses.streamReader, [{ comment: 'hi' }, { data: '' }])).toEqual([]);
  });

  it('reads the type from the event line if the data has none', () => {
    const frames: SseFrame[] = [
      { event: 'response.output_item.done', data: JSON.stringify({ item: message('Hi.') }) },
      { event: 'response.completed', data: '{"response":{}}' },
    ];
    expect(collect(runStage(openaiResponses.streamReader, frames)).blocks).toEqual([{ type: 'text', text: 'Hi.' }]);
  });
});

describe('a stage', () => {
  it('is fresh for each reply', () => {
    const both = chain(openaiResponses.streamReader, frameBlocks({ newCallId: () => 'c' }));
    const frames: SseFrame[] = [{ data: JSON.stringify(done(0, message('Hi.'))) }, { data: JSON.stringify(completed) }];
    expect(runStage(both, frames)).toEqual(runStage(both, frames));
  });
});
