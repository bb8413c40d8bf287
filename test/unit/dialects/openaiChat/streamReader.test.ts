import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../../src/canonical/events.ts';
import { runStage } from '../../../../src/canonical/stage.ts';
import { streamReader } from '../../../../src/dialects/openaiChat/streamReader.ts';
import { chunk, readChunks, readText, textsOf, withoutStart } from './replay.ts';

const done: Delta = { type: 'done' };

function errorOf(deltas: Delta[]): { kind: string; message: string } | undefined {
  const found = deltas.find((delta) => delta.type === 'error');
  return found && { kind: found.error.kind, message: found.error.message };
}

describe('text, reasoning and refusals', () => {
  it.each<[string, unknown, Delta[]]>([
    ['text', { content: 'Hi' }, [{ type: 'text-delta', key: 'text', text: 'Hi' }]],
    ['nothing', { role: 'assistant', content: '', reasoning_content: null, refusal: null, tool_calls: [] }, []],
    ['reasoning_content', { reasoning_content: 'Hm' }, [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }]],
    ['reasoning', { content: null, reasoning: 'Hm' }, [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }]],
    [
      'reasoning that is sent in two fields',
      { reasoning_content: 'Hm', reasoning: 'Hm' },
      [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }],
    ],
    [
      'the first nonempty reasoning field',
      { reasoning_content: '', reasoning: 'Hm' },
      [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }],
    ],
    ['reasoning that is not text', { reasoning: { effort: 'high' } }, []],
    [
      'reasoning before text',
      { content: 'Hi', reasoning_content: 'Hm' },
      [
        { type: 'reasoning-delta', key: 'reasoning', text: 'Hm' },
        { type: 'text-delta', key: 'text', text: 'Hi' },
      ],
    ],
    ['refusal', { refusal: 'No.' }, [{ type: 'refusal-delta', key: 'refusal', text: 'No.' }]],
    [
      'content parts',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
          { type: 'text', text: 'Hi' },
          { type: 'reference', reference_ids: [1] },
        ],
      },
      [
        { type: 'reasoning-delta', key: 'reasoning', text: 'Hm' },
        { type: 'text-delta', key: 'text', text: 'Hi' },
        {
          type: 'block-end',
          key: 'text',
          citations: { dialect: 'openai-chat', items: [{ type: 'reference', reference_ids: [1] }], links: [] },
        },
      ],
    ],
    [
      'thinking as a string',
      { content: [{ type: 'thinking', thinking: 'Hm' }] },
      [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }],
    ],
    [
      'thinking that a field repeats',
      { reasoning_content: 'Hm', content: [{ type: 'thinking', thinking: 'Hm' }] },
      [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }],
    ],
  ])('reads %s', (_, delta, expected) => {
    expect(withoutStart(readChunks(chunk(delta)))).toEqual(expected);
  });

  it('starts once, with the id and model of the first chunk', () => {
    const deltas = readChunks(chunk({ content: 'a' }), chunk({ content: 'b' }));
    expect(deltas.filter((delta) => delta.type === 'start')).toEqual([{ type: 'start', id: 'c1', model: 'm' }]);
  });

  it('ignores choices after the first', () => {
    const other = { choices: [{ index: 1, delta: { content: 'other' }, finish_reason: 'stop' }] };
    expect(textsOf(readChunks(chunk({ content: 'Hello' }), other), 'text-delta')).toBe('Hello');
  });

  it('stays with the choice that comes first', () => {
    const said = (index: number, content: string) => ({ choices: [{ index, delta: { content } }] });
    const both = { choices: [0, 1].map((index) => ({ index, delta: { content: index === 1 ? ' d' : ' x' } })) };
    const deltas = readChunks(said(1, 'a'), said(0, 'x'), said(1, ' b'), said(0, ' x'), said(1, ' c'), both);
    expect(textsOf(deltas, 'text-delta')).toBe('a b c d');
  });

  it.each([
    ['as its event', { event: 'done', data: '{"usage":{"prompt_tokens":3,"completion_tokens":2}}' }],
    ['in it', { data: '{"done":true,"usage":{"prompt_tokens":3,"completion_tokens":2}}' }],
  ])('reads the usage of a frame that says done %s', (_, last) => {
    const frames = [{ data: JSON.stringify(chunk({ content: 'Hi' })) }, last];
    expect(runStage((emit) => streamReader(emit), frames).slice(-2)).toEqual([
      { type: 'usage', usage: expect.objectContaining({ inputTokens: 3, outputTokens: 2 }) as unknown },
      done,
    ]);
  });

  it('reads a whole message at the end only if nothing came before', () => {
    const message = { choices: [{ index: 0, finish_reason: 'stop', message: { content: 'Hello' } }] };
    expect(textsOf(readChunks(message), 'text-delta')).toBe('Hello');
    expect(textsOf(readChunks(chunk({ content: 'Hello' }), message), 'text-delta')).toBe('Hello');
  });
});

describe('finish', () => {
  const call = { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] };

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['MAX_TOKENS', 'length'],
    ['content_filter', 'content-filter'],
    ['sensitive', 'content-filter'],
    ['eos', 'stop'],
  ])('reads %s as %s', (raw, reason) => {
    expect(readChunks(chunk({ content: 'a' }, raw)).at(-1)).toEqual({ type: 'finish', reason, raw });
  });

  it.each([
    ['stop', 'tool-calls'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['length', 'length'],
  ])('after calls, reads %s as %s', (raw, reason) => {
    expect(readChunks(chunk(call, raw)).at(-1)).toEqual({ type: 'finish', reason, raw });
  });

  it.each(['network_error', 'error', 'insufficient_system_resource'])('reads %s as an error', (raw) => {
    const deltas = readChunks(chunk({ content: 'a' }, raw), chunk({ content: 'b' }), '[DONE]');
    expect(errorOf(deltas)?.kind).toBe('upstream');
    expect(deltas.at(-1)?.type).toBe('error');
  });

  it('reads a full context as an error before content and as a length stop after it', () => {
    expect(errorOf(readChunks(chunk({}, 'model_context_window_exceeded')))?.kind).toBe('context-length');
    expect(readChunks(chunk({ content: 'a' }, 'model_context_window_exceeded')).at(-1)).toMatchObject({
      type: 'finish',
      reason: 'length',
    });
  });

  it.each(['', 'null', 'None'])('does not take %j for a reason', (reason) => {
    const types = readChunks(chunk({ content: 'a' }, reason), chunk({}, 'stop')).map((delta) => delta.type);
    expect(types).toEqual(['start', 'text-delta', 'finish']);
  });

  it('emits no end for a truncated stream', () => {
    expect(withoutStart(readChunks(chunk({ content: 'a' })))).toEqual([{ type: 'text-delta', key: 'text', text: 'a' }]);
  });

  it('reads nothing after [DONE]', () => {
    expect(withoutStart(readChunks('[DONE]', chunk({ content: 'a' }), '[DONE]'))).toEqual([done]);
  });
});

describe('errors inside a 200', () => {
  it.each<[string, unknown, string, string]>([
    ['object', { error: { message: 'Boom', type: 'server_error', code: 'server_error' } }, 'upstream', 'Boom'],
    [
      'text',
      { code: 'invalid-argument', error: 'Model x does not support parameter reasoningEffort.' },
      'unsupported',
      'Model x does not support parameter reasoningEffort.',
    ],
    ['object: error', { object: 'error', message: 'The engine died.', code: 500 }, 'upstream', 'The engine died.'],
    [
      'type: error',
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      'overloaded',
      'Overloaded',
    ],
    [
      'list',
      [{ error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } }],
      'rate-limited',
      'Quota exceeded',
    ],
    ['base_resp', { base_resp: { status_code: 2049, status_msg: 'invalid api key' } }, 'auth', 'invalid api key'],
    ['detail', { detail: 'Service restarting' }, 'upstream', 'Service restarting'],
    ['code and message', { code: 'InvalidParameter', message: 'bad', request_id: 'r' }, 'upstream', 'bad'],
    [
      'next to choices',
      {
        error: { code: 'server_error', message: 'Gone' },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      },
      'upstream',
      'Gone',
    ],
  ])('reads %s', (_, payload, kind, message) => {
    const deltas = readChunks(chunk({ content: 'Partial' }), payload, chunk({ content: 'more' }));
    expect(errorOf(deltas)).toEqual({ kind, message });
    expect(textsOf(deltas, 'text-delta')).toBe('Partial');
  });

  it.each<[string, object]>([
    ['error: null', { ...chunk({ content: 'a' }), error: null }],
    ['error: {}', { ...chunk({ content: 'a' }), error: {} }],
    ['error: ""', { ...chunk({ content: 'a' }), error: '' }],
    ['base_resp of success', { ...chunk({ content: 'a' }), base_resp: { status_code: 0, status_msg: '' } }],
    ['code and message next to choices', { ...chunk({ content: 'a' }), code: 0, message: 'ok' }],
  ])('reads %s as an answer', (_, payload) => {
    expect(textsOf(readChunks(payload), 'text-delta')).toBe('a');
  });

  it.each([
    ['{"error":{"message":"Boom"}}', 'Boom'],
    ['{"message":"Boom"}', 'Boom'],
    ['Boom', 'Boom'],
    ['', 'The provider reported an error without saying which.'],
  ])('reads event: error with %s', (data, message) => {
    expect(errorOf(runStage(streamReader, [{ event: 'error', data }]))).toEqual({ kind: 'upstream', message });
  });

  it('reads a web page', () => {
    const error = errorOf(readChunks(`<html>Bearer abcdefgh12345678 ${'x'.repeat(500)}`));
    expect(error?.message).toBe('The provider answered with a web page.');
  });

  it.each([
    ['error: the engine ran out of memory', 'error: the engine ran out of memory'],
    ['Upstream request failed', 'Upstream request failed'],
    ['CUDA out of memory', 'CUDA out of memory'],
  ])('reads the text %s', (data, message) => {
    expect(errorOf(readChunks(chunk({ content: 'a' }), data))?.message).toBe(message);
  });
});

describe('frames that cannot be read', () => {
  const whole = chunk({ content: 'a' });

  it.each([
    'null',
    '17',
    '"text"',
    '[]',
    '[1]',
    'ping',
    '[HEARTBEAT]',
    'keep-alive',
    '{}',
    '{"id":',
    'OPENROUTER PROCESSING',
  ])('do not end the answer: %s', (data) => {
    const deltas = readChunks(data, whole, data, chunk({}, 'stop'), '[DONE]');
    expect(withoutStart(deltas)).toEqual([
      { type: 'text-delta', key: 'text', text: 'a' },
      { type: 'finish', reason: 'stop', raw: 'stop' },
      done,
    ]);
  });

  it('cost one warning, unless they are heartbeats', () => {
    const warnings: string[] = [];
    const reader = streamReader(() => {}, { warn: (message) => warnings.push(message) });
    for (const data of ['ping', 'null', '{"id":', '{"id": sk-abcdef1234567890', 'nonsense']) reader.push({ data });
    expect(warnings).toEqual([
      `The provider sent something that can't be read, which was skipped: ${JSON.stringify('{"id":')}`,
    ]);
  });

  it('are told from the end, however that is written', () => {
    for (const data of ['[DONE]', ' [done] ', 'DONE']) expect(readChunks(whole, data).at(-1)).toEqual(done);
  });
});

describe('frames', () => {
  it('reads chunks that follow each other in one line, or with the field name repeated', () => {
    const [a, b] = [JSON.stringify(chunk({ content: 'a}{' })), JSON.stringify(chunk({ content: 'b' }))];
    const expected = [
      { type: 'text-delta', key: 'text', text: 'a}{' },
      { type: 'text-delta', key: 'text', text: 'b' },
    ];
    expect(withoutStart(readChunks(`${a}${b}`))).toEqual(expected);
    expect(withoutStart(readChunks(`${a}\ndata: ${b}`))).toEqual(expected);
    expect(withoutStart(readChunks(`${a}data: ${b}`))).toEqual(expected);
    expect(withoutStart(readChunks(`${a}\\n\\n`, `${b}\\n`))).toEqual(expected);
  });

  it('ignores comments and empty data', () => {
    expect(runStage(streamReader, [{ comment: 'OPENROUTER PROCESSING' }, { data: '' }, { data: ' \n ' }])).toEqual([]);
  });

  it('reads chunks that were merged into one frame', () => {
    const [a, b] = [JSON.stringify(chunk({ content: 'a' })), JSON.stringify(chunk({ content: 'b' }))];
    const deltas = readText(`data: ${a}\ndata: ${b}\ndata: [DONE]\n\n`);
    expect(withoutStart(deltas)).toEqual([
      { type: 'text-delta', key: 'text', text: 'a' },
      { type: 'text-delta', key: 'text', text: 'b' },
      done,
    ]);
  });

  it('reads JSON over several data lines', () => {
    expect(textsOf(readText('data: {"choices":[{"index":0,\ndata: "delta":{"content":"a"}}]}\n\n'), 'text-delta')).toBe(
      'a',
    );
  });

  it('tolerates fields of the wrong type', () => {
    const odd = {
      id: 7,
      model: [],
      choices: [
        null,
        'x',
        {
          index: 0,
          delta: { content: true, tool_calls: [null, 'x', { index: {} }], reasoning_details: ['x', null] },
          finish_reason: 0,
        },
      ],
      usage: 3,
    };
    expect(readChunks(odd)).toEqual([{ type: 'start' }]);
  });
});
