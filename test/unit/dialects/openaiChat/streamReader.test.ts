import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../../src/canonical/events.ts';
import { runStage } from '../../../../src/canonical/stage.ts';
import { streamReader } from '../../../../src/dialects/openaiChat/streamReader.ts';
import { callsOf, chunk, readChunks, readText, textsOf, toReply, withoutStart } from './replay.ts';

const done: Delta = { type: 'done' };

function errorOf(deltas: Delta[]): { kind: string; message: string } | undefined {
  const found = deltas.find((delta) => delta.type === 'error');
  return found && { kind: found.error.kind, message: found.error.message };
}

describe('prose', () => {
  it.each<[string, unknown, Delta[]]>([
    ['text', { content: 'Hi' }, [{ type: 'text-delta', key: 'text', text: 'Hi' }]],
    ['nothing', { role: 'assistant', content: '', reasoning_content: null, refusal: null, tool_calls: [] }, []],
    ['reasoning_content', { reasoning_content: 'Hm' }, [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }]],
    ['reasoning', { content: null, reasoning: 'Hm' }, [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }]],
    ['both, mirrored', { reasoning_content: 'Hm', reasoning: 'Hm' }, [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }]],
    ['the first that has any', { reasoning_content: '', reasoning: 'Hm' }, [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }]],
    ['reasoning that is no text', { reasoning: { effort: 'high' } }, []],
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
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }, { type: 'text', text: 'Hi' }, { type: 'reference', reference_ids: [1] }] },
      [
        { type: 'reasoning-delta', key: 'reasoning', text: 'Hm' },
        { type: 'text-delta', key: 'text', text: 'Hi' },
      ],
    ],
    ['thinking as text', { content: [{ type: 'thinking', thinking: 'Hm' }] }, [{ type: 'reasoning-delta', key: 'reasoning', text: 'Hm' }]],
    [
      'thinking mirrored into a field',
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

  it('ignores further choices', () => {
    const other = { choices: [{ index: 1, delta: { content: 'other' }, finish_reason: 'stop' }] };
    expect(withoutStart(readChunks(other))).toEqual([]);
  });

  it('takes a whole message at the end only when nothing came before', () => {
    const message = { choices: [{ index: 0, finish_reason: 'stop', message: { content: 'Hello' } }] };
    expect(textsOf(readChunks(message), 'text-delta')).toBe('Hello');
    expect(textsOf(readChunks(chunk({ content: 'Hello' }), message), 'text-delta')).toBe('Hello');
  });
});

describe('reasoning details', () => {
  const detail = (fields: object): object => ({ type: 'reasoning.text', index: 0, format: 'f', ...fields });

  it('merges them into the proof that ends the reasoning', () => {
    const deltas = readChunks(
      chunk({ reasoning: 'I ', reasoning_details: [detail({ text: 'I ' })] }),
      chunk({ reasoning: 'see.', reasoning_details: [detail({ text: 'see.' })] }),
      chunk({ reasoning: null, reasoning_details: [detail({ signature: 'sig' })] }),
      chunk({ content: 'Hello' }),
      chunk({}, 'stop'),
    );
    expect(withoutStart(deltas)).toEqual([
      { type: 'reasoning-delta', key: 'reasoning', text: 'I ' },
      { type: 'reasoning-delta', key: 'reasoning', text: 'see.' },
      { type: 'block-end', key: 'reasoning', proof: { type: 'details', details: [detail({ text: 'I see.', signature: 'sig' })] } },
      { type: 'text-delta', key: 'text', text: 'Hello' },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]);
  });

  it('gives encrypted details without text a block of their own', () => {
    const encrypted = { type: 'reasoning.encrypted', data: 'xyz', index: 0 };
    const reply = toReply(readChunks(chunk({ reasoning_details: [encrypted] }), chunk({ content: 'Hello' }, 'stop')));
    expect(reply.blocks).toEqual([
      { type: 'reasoning', text: '', proof: { type: 'details', details: [encrypted] } },
      { type: 'text', text: 'Hello' },
    ]);
  });

  it('keeps details that come after the text, at the end', () => {
    const late = { type: 'reasoning.encrypted', data: 'xyz', index: 1 };
    const reply = toReply(
      readChunks(chunk({ reasoning: 'Hm' }), chunk({ content: 'Hel' }), chunk({ reasoning_details: [late] }), chunk({ content: 'lo' }), chunk({}, 'stop'), '[DONE]'),
    );
    expect(reply.blocks).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hello' },
      { type: 'reasoning', text: '', proof: { type: 'details', details: [late] } },
    ]);
  });

  it('keeps details that come after the finish', () => {
    const late = { type: 'reasoning.encrypted', data: 'xyz', index: 1 };
    const reply = toReply(readChunks(chunk({ content: 'Hello' }, 'stop'), chunk({ reasoning_details: [late] }), '[DONE]'));
    expect(reply.blocks.at(-1)).toEqual({ type: 'reasoning', text: '', proof: { type: 'details', details: [late] } });
  });

  it('gives each of two reasonings its own proof', () => {
    const reply = toReply(
      readChunks(
        chunk({ reasoning_details: [detail({ text: 'One' })] }),
        chunk({ content: 'First.' }),
        chunk({ reasoning_details: [detail({ text: 'Two', index: 1 })] }),
        chunk({ content: 'Second.' }, 'stop'),
      ),
    );
    expect(reply.blocks.map((block) => [block.text, block.proof])).toEqual([
      ['One', { type: 'details', details: [detail({ text: 'One' })] }],
      ['First.', undefined],
      ['Two', { type: 'details', details: [detail({ text: 'Two', index: 1 })] }],
      ['Second.', undefined],
    ]);
  });

  it('does not take a cut reasoning for complete', () => {
    expect(readChunks(chunk({ reasoning_details: [detail({ text: 'One' })] })).some((delta) => delta.type === 'block-end')).toBe(false);
  });
});

describe('usage', () => {
  const base = { inputTokens: 100, outputTokens: 20 };
  it.each<[string, object, object]>([
    ['plain', { prompt_tokens: 100, completion_tokens: 20 }, base],
    ['cached_tokens in details', { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 64 } }, { ...base, cacheReadTokens: 64 }],
    ['prompt_token_details', { prompt_tokens: 100, completion_tokens: 20, prompt_token_details: { cached_tokens: 64 } }, { ...base, cacheReadTokens: 64 }],
    ['prompt_cache_hit_tokens', { prompt_tokens: 100, completion_tokens: 20, prompt_cache_hit_tokens: 64, prompt_tokens_details: { cached_tokens: 0 } }, { ...base, cacheReadTokens: 64 }],
    ['cached_tokens', { prompt_tokens: 100, completion_tokens: 20, cached_tokens: 64 }, { ...base, cacheReadTokens: 64 }],
    ['num_cached_tokens', { prompt_tokens: 100, completion_tokens: 20, num_cached_tokens: 64 }, { ...base, cacheReadTokens: 64 }],
    ['cache_creation_input_tokens', { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cache_creation_input_tokens: 8 } }, { ...base, cacheWriteTokens: 8 }],
    ['cache_write_tokens', { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cache_write_tokens: 8 } }, { ...base, cacheWriteTokens: 8 }],
    ['reasoning_tokens', { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, completion_tokens_details: { reasoning_tokens: 7 } }, { ...base, reasoningTokens: 7 }],
    // xAI, measured: 291 + 26 + 196 = 513.
    ['reasoning outside the completion', { prompt_tokens: 291, completion_tokens: 26, total_tokens: 513, completion_tokens_details: { reasoning_tokens: 196 } }, { inputTokens: 291, outputTokens: 222, reasoningTokens: 196 }],
    ['cached outside the prompt', { prompt_tokens: 10, completion_tokens: 20, cache_read_input_tokens: 90 }, { inputTokens: 100, outputTokens: 20, cacheReadTokens: 90 }],
    ['a total alone', { prompt_tokens: 100, total_tokens: 120 }, base],
  ])('reads %s', (_, usage, expected) => {
    const places = [{ choices: [], usage }, { choices: [{ index: 0, delta: {}, finish_reason: null, usage }] }, { choices: [], x_groq: { usage } }];
    for (const place of places) expect(withoutStart(readChunks(place))).toEqual([{ type: 'usage', usage: expected }]);
  });

  it.each([[null], [{}], [{ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }], ['n/a'], [{ prompt_tokens: null }], [[]]])('ignores %j', (usage) => {
    expect(withoutStart(readChunks({ choices: [], usage }))).toEqual([]);
  });

  it("takes llama.cpp's timings when there is nothing else", () => {
    const timings = { prompt_n: 30, cache_n: 70, predicted_n: 20 };
    expect(withoutStart(readChunks({ choices: [], timings }))).toEqual([{ type: 'usage', usage: { ...base, cacheReadTokens: 70 } }]);
    expect(withoutStart(readChunks({ choices: [], timings, usage: { prompt_tokens: 1, completion_tokens: 2 } }))).toEqual([
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
    ]);
  });

  it('reads usage after the finish, and in its chunk before it', () => {
    const finish = { ...chunk({ content: 'a' }, 'stop'), usage: { prompt_tokens: 1, completion_tokens: 2 } };
    const late = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } };
    expect(readChunks(finish, late, '[DONE]').map((delta) => delta.type)).toEqual(['start', 'text-delta', 'usage', 'finish', 'usage', 'done']);
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
  ])('beside calls, reads %s as %s', (raw, reason) => {
    expect(readChunks(chunk(call, raw)).at(-1)).toEqual({ type: 'finish', reason, raw });
  });

  it.each(['network_error', 'error', 'insufficient_system_resource'])('reads %s as an error', (raw) => {
    const deltas = readChunks(chunk({ content: 'a' }, raw), chunk({ content: 'b' }), '[DONE]');
    expect(errorOf(deltas)?.kind).toBe('upstream');
    expect(deltas.at(-1)?.type).toBe('error');
  });

  it('reads a full context as an error before content, as a length stop after it', () => {
    expect(errorOf(readChunks(chunk({}, 'model_context_window_exceeded')))?.kind).toBe('context-length');
    expect(readChunks(chunk({ content: 'a' }, 'model_context_window_exceeded')).at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
  });

  it('finishes once, and only with a reason', () => {
    const types = readChunks(chunk({ content: 'a' }, ''), chunk({}, 'stop'), chunk({}, 'stop')).map((delta) => delta.type);
    expect(types).toEqual(['start', 'text-delta', 'finish']);
  });

  it('says nothing of an end that did not come', () => {
    expect(withoutStart(readChunks(chunk({ content: 'a' })))).toEqual([{ type: 'text-delta', key: 'text', text: 'a' }]);
  });

  it('reads nothing after [DONE]', () => {
    expect(withoutStart(readChunks('[DONE]', chunk({ content: 'a' }), '[DONE]'))).toEqual([done]);
  });
});

describe('errors inside a 200', () => {
  it.each<[string, unknown, string, string]>([
    ['object', { error: { message: 'Boom', type: 'server_error', code: 'server_error' } }, 'upstream', 'Boom'],
    ['text', { code: 'invalid-argument', error: 'Model x does not support parameter reasoningEffort.' }, 'unsupported', 'Model x does not support parameter reasoningEffort.'],
    ['object: error', { object: 'error', message: 'The engine died.', code: 500 }, 'upstream', 'The engine died.'],
    ['type: error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded', 'Overloaded'],
    ['list', [{ error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } }], 'rate-limited', 'Quota exceeded'],
    ['base_resp', { base_resp: { status_code: 2049, status_msg: 'invalid api key' } }, 'auth', 'invalid api key'],
    ['detail', { detail: 'Service restarting' }, 'upstream', 'Service restarting'],
    ['code and message', { code: 'InvalidParameter', message: 'bad', request_id: 'r' }, 'upstream', 'bad'],
    ['beside choices', { error: { code: 'server_error', message: 'Gone' }, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] }, 'upstream', 'Gone'],
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
    ['code and message beside choices', { ...chunk({ content: 'a' }), code: 0, message: 'ok' }],
  ])('takes %s for an answer', (_, payload) => {
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

  it('quotes the beginning of what is no JSON, without keys', () => {
    const error = errorOf(readChunks(`<html>Bearer abcdefgh12345678 ${'x'.repeat(500)}`));
    expect(error?.kind).toBe('protocol');
    expect(error?.message).toContain('<html>Bearer [key] xxx');
    expect(error?.message.length).toBeLessThan(300);
  });

  it.each(['null', '17', '"text"', '[]', '[1]', '{"id":'])('refuses %s', (data) => {
    expect(errorOf(readChunks(data))?.kind).toBe('protocol');
  });
});

describe('frames', () => {
  it('ignores comments and empty data', () => {
    expect(runStage(streamReader, [{ comment: 'OPENROUTER PROCESSING' }, { data: '' }, { data: ' \n ' }])).toEqual([]);
  });

  it('reads chunks that were merged into one frame', () => {
    const [a, b] = [JSON.stringify(chunk({ content: 'a' })), JSON.stringify(chunk({ content: 'b' }))];
    const deltas = readText(`data: ${a}\ndata: ${b}\ndata: [DONE]\n\n`);
    expect(withoutStart(deltas)).toEqual([{ type: 'text-delta', key: 'text', text: 'a' }, { type: 'text-delta', key: 'text', text: 'b' }, done]);
  });

  it('reads JSON over several data lines', () => {
    expect(textsOf(readText('data: {"choices":[{"index":0,\ndata: "delta":{"content":"a"}}]}\n\n'), 'text-delta')).toBe('a');
  });

  it('survives fields of a wrong type', () => {
    const odd = { id: 7, model: [], choices: [null, 'x', { index: 0, delta: { content: { a: 1 }, tool_calls: [null, 'x', { index: {} }], reasoning_details: ['x', null] }, finish_reason: 0 }], usage: 3 };
    expect(readChunks(odd)).toEqual([{ type: 'start' }]);
  });
});

describe('tool calls', () => {
  const call = (fields: object): object => chunk({ tool_calls: [fields] });
  const calls = (...list: object[]): object => chunk({ tool_calls: list });

  it.each<[string, object[], string[]]>([
    ['by index', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }), call({ index: 0, function: { arguments: ':1}' } })], ['a f {"x":1}']],
    [
      'interleaved',
      [call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }), call({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }), call({ index: 0, function: { arguments: '{"x":' } }), call({ index: 1, function: { arguments: '{"y":' } }), call({ index: 0, function: { arguments: '1}' } }), call({ index: 1, function: { arguments: '2}' } })],
      ['a f {"x":1}', 'b g {"y":2}'],
    ],
    ['with "" and null in continuations', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }), call({ index: 0, id: '', function: { name: null, arguments: '}' } }), call({ index: 0, id: null, function: { name: '', arguments: '' } })], ['a f {}']],
    ['with the id and name each time', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }), call({ index: 0, id: 'a', function: { name: 'f', arguments: '}' } })], ['a f {}']],
    ['with a random id each time', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }), call({ index: 0, id: 'z', function: { arguments: '}' } })], ['a f {}']],
    ['all with index 0', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }), call({ index: 0, id: 'b', function: { name: 'f', arguments: '{"x":2}' } })], ['a f {"x":1}', 'b f {"x":2}']],
    ['all with index 0, streamed', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }), call({ index: 0, id: 'b', function: { name: 'g', arguments: '{"y"' } }), call({ index: 0, function: { arguments: ':2}' } })], ['a f {}', 'b g {"y":2}']],
    ['all with index 0 in one chunk without ids', [calls({ index: 0, function: { name: 'f', arguments: '{}' } }, { index: 0, function: { name: 'f', arguments: '{}' } })], ['fresh_1 f {}', 'fresh_2 f {}']],
    ['with indexes as text', [call({ index: '1', id: 'b', function: { name: 'g', arguments: '{' } }), call({ index: '1', function: { arguments: '}' } })], ['b g {}']],
    ['with gaps between indexes', [call({ index: 5, id: 'a', function: { name: 'f', arguments: '{}' } }), call({ index: 2, id: 'b', function: { name: 'g', arguments: '{}' } })], ['a f {}', 'b g {}']],
    ['without index, whole', [calls({ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }, { id: 'b', function: { name: 'f', arguments: '{"x":1}' } })], ['a f {"x":1}', 'b f {"x":1}']],
    ['without index, by id', [call({ id: 'a', function: { name: 'f', arguments: '{' } }), call({ id: 'b', function: { name: 'g', arguments: '{' } }), call({ id: 'a', function: { arguments: '}' } }), call({ id: 'b', function: { arguments: '}' } })], ['a f {}', 'b g {}']],
    ['without index and id in continuations', [call({ id: 'a', function: { name: 'f', arguments: '{"x"' } }), call({ function: { arguments: ':1}' } }), call({ id: 'b', function: { name: 'g', arguments: '{"y"' } }), call({ function: { arguments: ':2}' } })], ['a f {"x":1}', 'b g {"y":2}']],
    [
      'without index, arguments by place (vercel/ai#19546)',
      [calls({ id: 'a', function: { name: 'f', arguments: '' } }, { id: 'b', function: { name: 'g', arguments: '' } }), calls({ function: { arguments: '{"x"' } }, { function: { arguments: '{"y"' } }), calls({ function: { arguments: ':1}' } }, { function: { arguments: ':2}' } })],
      ['a f {"x":1}', 'b g {"y":2}'],
    ],
    [
      'without index, started together, filled one after the other',
      [calls({ id: 'a', function: { name: 'f', arguments: '' } }, { id: 'b', function: { name: 'g', arguments: '' } }), call({ function: { arguments: '{"x":' } }), call({ function: { arguments: '1}' } }), call({ function: { arguments: '{"y":2}' } })],
      ['a f {"x":1}', 'b g {"y":2}'],
    ],
    [
      'repeated at another index (LocalAI#9722)',
      [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }), call({ index: 1, id: 'a', function: { name: 'f', arguments: '{"x":1}' } })],
      ['a f {"x":1}'],
    ],
    ['without index and ids', [call({ function: { name: 'f', arguments: '{"x":1}' } }), call({ function: { name: 'f', arguments: '{"x":2}' } })], ['fresh_1 f {"x":1}', 'fresh_2 f {"x":2}']],
    ['without index and ids, one name repeated', [call({ function: { name: 'f', arguments: '{"x"' } }), call({ function: { name: 'f', arguments: ':1}' } })], ['fresh_1 f {"x":1}']],
    ['with one id for two calls', [calls({ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }), calls({ id: 'a', function: { name: 'f', arguments: '{"x":2}' } })], ['a f {"x":1}', 'fresh_1 f {"x":2}']],
    ['repeated whole at the end', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }), call({ index: 0, function: { arguments: ':1}' } }), call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } })], ['a f {"x":1}']],
    ['with an object for arguments', [call({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } })], ['a f {"x":1}']],
    ['with the name after the id', [call({ index: 0, id: 'a', function: { arguments: '' } }), call({ index: 0, function: { name: 'f', arguments: '{}' } })], ['a f {}']],
    ['with metadata alone', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }), call({ extra_content: { google: { thought_signature: 's' } } })], ['a f {}']],
    ['with a final delta of no arguments', [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }), call({ index: 0, id: '', function: { arguments: '' } })], ['a f {}']],
    ['in the legacy form', [chunk({ function_call: { name: 'f', arguments: '' } }), chunk({ function_call: { arguments: '{"x"' } }), chunk({ function_call: { arguments: ':1}' } })], ['fresh_1 f {"x":1}']],
    ['of several names without id at one index', [call({ index: 0, function: { name: 'f', arguments: '{}' } }), call({ index: 0, function: { name: 'g', arguments: '{}' } })], ['fresh_1 f {}', 'fresh_2 g {}']],
  ])('%s', (_, chunks, expected) => {
    expect(callsOf(readChunks(...chunks))).toEqual(expected);
  });

  it('reads a custom call', () => {
    const deltas = readChunks(call({ index: 0, id: 'a', type: 'custom', custom: { name: 'apply_patch', input: '' } }), call({ index: 0, custom: { input: '*** Begin' } }), chunk({}, 'tool_calls'));
    expect(toReply(deltas).blocks).toEqual([{ type: 'tool-call', id: 'a', kind: 'custom', name: 'apply_patch', text: '*** Begin' }]);
  });

  it('gives id and name once each', () => {
    const deltas = readChunks(call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }), call({ index: 0, id: 'a', function: { name: 'f', arguments: '}' } }));
    expect(withoutStart(deltas)).toEqual([
      { type: 'tool-delta', key: 'tool-0', id: 'a', name: 'f', text: '{' },
      { type: 'tool-delta', key: 'tool-0', text: '}' },
    ]);
  });

  it('keeps a call without arguments empty', () => {
    expect(callsOf(readChunks(call({ index: 0, id: 'a', function: { name: 'f' } })))).toEqual(['a f ']);
  });
});
