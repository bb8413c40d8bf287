// Public reports of answers in other shapes than documented, rebuilt: docs/reference/wire-kinds.md.
import { describe, expect, it } from 'vitest';
import type { UpstreamReply } from '../../../src/gateway/upstream.ts';
import { askProfile } from '../../support/askProfile.ts';
import { event, type AskedTool } from '../../support/callWires.ts';
import { chatChunk, replyWith } from '../../support/gatewayBench.ts';
import type { ProviderProfile } from '../../support/providerProfiles.ts';
import { clients } from '../matrix/paths.ts';

const chat: ProviderProfile = { name: 'some', wire: 'openai-chat', baseUrl: 'http://some.test/v1', model: 'm' };
const messages: ProviderProfile = { ...chat, wire: 'anthropic-messages' };
const responses: ProviderProfile = { ...chat, wire: 'openai-responses' };
const bash: AskedTool = {
  name: 'Bash',
  parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};

const done = 'data: [DONE]\n\n';
const data = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;
const choice = (fields: object): string =>
  data({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [fields] });
const call = (...calls: object[]): string => chatChunk({ tool_calls: calls });
const called = (text: string): object => ({ name: 'Bash', arguments: text });
const rest = (text: string): object => ({ arguments: text });
const whole = (message: object): object => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
});
const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
const hello = { ...item, content: [{ type: 'output_text', text: 'Hello you', annotations: [] }] };
const callItem = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'Bash' };
const response = { id: 'resp_1', object: 'response', status: 'completed', output: [hello] };
const message = {
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'x',
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 2 },
};
const start = event('message_start', { message: { id: 'm', content: [] } });
const endTurn = event('message_delta', { delta: { stop_reason: 'end_turn' } }) + event('message_stop', {});
const ls: [string, object][] = [['Bash', { command: 'ls' }]];
const two: [string, object][] = [...ls, ['Bash', { command: 'pwd' }]]; // prettier-ignore

const asks = clients.flatMap((client) => [true, false].map((stream) => ({ client, stream })));

type Form = [name: string, profile: ProviderProfile, body: string | object];

const answers: Form[] = [
  ['a message beside an empty delta (cherry-studio#7658)', chat, choice({ index: 0, delta: {}, message: { role: 'assistant', content: 'Hello you' }, finish_reason: 'stop' }) + done],
  ['a message beside a delta without text (cherry-studio#8065)', chat, choice({ index: 0, delta: { role: null, content: '', tool_calls: null, reasoning_content: '' }, message: { role: 'assistant', content: 'Hello you', tool_calls: null }, finish_reason: 'stop' }) + done],
  ['choices that count the chunks, with a message each (foundry-local#144)', chat, ['Hel', 'lo ', 'you'].map((content, index) => choice({ index, delta: { role: 'assistant', content, tool_calls: [] }, message: { role: 'assistant', content, tool_calls: [] }, finish_reason: null })).join('') + choice({ index: 3, delta: { content: '' }, message: { content: '' }, finish_reason: 'stop' }) + done],
  ['choices that count from 1', chat, choice({ index: 1, delta: { content: 'Hello you' } }) + choice({ index: 1, delta: {}, finish_reason: 'stop' }) + done],
  ['a chunk without a delta (LlamaIndexTS#2108)', chat, chatChunk({ content: 'Hello you' }) + choice({ index: 0, finish_reason: null, content_filter_offsets: { check_offset: 407 } }) + chatChunk({}, 'stop') + done],
  ['text in place of a delta', chat, choice({ index: 0, text: 'Hello ' }) + choice({ index: 0, delta: 'you', finish_reason: 'stop' }) + done],
  ['content as an object', chat, chatChunk({ content: { type: 'text', text: 'Hello ' } }) + chatChunk({ content: [{ type: 'text', text: { value: 'you' } }] }) + chatChunk({}, 'stop') + done],
  ['a wrapped answer (vscode-unify-chat-provider#71)', chat, { success: true, code: 0, data: whole({ content: 'Hello you' }) }],
  ['wrapped chunks', chat, data({ success: true, data: JSON.parse(chatChunk({ content: 'Hello you' }, 'stop').slice(6)) as unknown }) + done],
  ['an answer in a list', chat, [whole({ content: 'Hello you' })]],
  ['chunks in a list', chat, [{ id: 'c', choices: [{ index: 0, delta: { content: 'Hello ' } }] }, { id: 'c', choices: [{ index: 0, delta: { content: 'you' }, finish_reason: 'stop' }] }]],
  ['an answer as JSON text', chat, JSON.stringify(JSON.stringify(whole({ content: 'Hello you' })))],
  ['numbers that JSON does not have (sglang#20323, mlx-omni-server#56)', chat, 'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hello you"},"logprobs":{"content":[{"token":"Hello","logprob":-Infinity,"top_logprobs":[{"token":"x","logprob":NaN}]}]}}]}\n\n' + chatChunk({}, 'stop') + done],
  ['a whole answer with such a number', chat, '{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"Hello you"},"finish_reason":"stop","score":NaN}]}'],
  ['a comma too many', chat, 'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hello you"}},]}\n\n' + chatChunk({}, 'stop') + done],
  ['JSON over lines without the field’s name', chat, `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: 'Hello you' } }] }, undefined, 2)}\n\n` + chatChunk({}, 'stop') + done],
  ['the mark of the end in quotes', chat, `${chatChunk({ content: 'Hello you' })}data: "[DONE]"\n\n`],
  ['another mark of the end', chat, `${chatChunk({ content: 'Hello you' })}data: [END]\n\n`],
  ['an event as the end', chat, `${chatChunk({ content: 'Hello you' })}event: done\ndata: {}\n\n`],
  ['reasons of an answer that goes on', chat, chatChunk({ content: 'Hello ' }, 'in_progress') + chatChunk({ content: 'you' }, 'FINISH_REASON_UNSPECIFIED') + chatChunk({}, 'stop') + done],
  ['content as text', messages, { ...message, content: 'Hello you' }],
  ['content as one block', messages, { ...message, content: { type: 'text', text: 'Hello you' } }],
  ['content as a list of text', messages, { ...message, content: ['Hello ', 'you'] }],
  ['blocks without a type', messages, { ...message, content: [{ text: 'Hello you' }] }],
  ['a whole message as an event', messages, data({ ...message, content: [{ type: 'text', text: 'Hello you' }] })],
  ['a wrapped answer with a code that is not documented as one of success', chat, { code: 1, msg: 'Success', data: whole({ content: 'Hello you' }) }],
  ['wrapped events', messages, [{ type: 'message_start', message: { id: 'm', content: [] } }, { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello you' } }, { type: 'content_block_stop', index: 0 }, { type: 'message_stop' }].map((each) => data({ code: 0, data: each })).join('')],
  ['a wrapped message', messages, { code: 0, data: { ...message, content: [{ type: 'text', text: 'Hello you' }] } }],
  ['indexes as text', messages, start + event('content_block_start', { index: '0', content_block: { type: 'text', text: '' } }) + event('content_block_delta', { index: '0', delta: { type: 'text_delta', text: 'Hello you' } }) + event('content_block_stop', { index: '0' }) + endTurn],
  ['the fields of the response in its event (cursor2api#114)', responses, event('response.completed', response)],
  ['the same without its type', responses, `event: response.completed\ndata: ${JSON.stringify(response)}\n\n`],
  ['a whole response as an event', responses, data(response)],
  ['text only behind an empty part (TanStack/ai#937)', responses, event('response.output_item.added', { output_index: 0, item }) + event('response.content_part.added', { output_index: 0, content_index: 0, part: { type: 'output_text', text: '' } }) + event('response.completed', { response })],
  ['text only at the end of a part', responses, event('response.output_item.added', { output_index: 0, item }) + event('response.content_part.done', { output_index: 0, content_index: 0, part: { type: 'output_text', text: 'Hello you' } }) + event('response.completed', { response: { ...response, output: [] } })],
  ['events of another name in front (OmniRoute#4715, hermes-agent#32592)', responses, 'event: codex.rate_limits\n\n' + event('codex.rate_limits', { plan_type: 'pro' }) + event('response.output_item.done', { output_index: 0, item: hello }) + event('response.completed', { response })],
  ['deltas as objects', responses, event('response.output_item.added', { output_index: 0, item }) + event('response.output_text.delta', { output_index: 0, content_index: 0, delta: { text: 'Hello you' } }) + event('response.completed', { response: { ...response, output: [] } })],
  ['content as text of an item', responses, { ...response, output: [{ ...item, content: 'Hello you' }] }],
  ['no items, but their text', responses, { ...response, output: [], output_text: 'Hello you' }],
  ['a wrapped response', responses, { result: response, success: true, errors: [] }],
]; // prettier-ignore

const calls: [...Form, [string, object][]][] = [
  ['a second call that begins at the index of the first (agno#8879)', chat, call({ index: 0, id: 'a', function: called('{"command":') }) + call({ index: 0, function: rest('"ls"}') }) + call({ index: 0, id: 'b', function: called('') }) + call({ index: 1, function: rest('{"command":') }) + call({ index: 1, function: rest('"pwd"}') }) + chatChunk({}, 'tool_calls') + done, two],
  ['calls that begin at one index, and ids that tell them apart', chat, call({ index: 0, id: 'a', function: called('') }) + call({ index: 0, id: 'b', function: called('') }) + call({ index: 0, id: 'a', function: rest('{"command":"ls"}') }) + call({ index: 0, id: 'b', function: rest('{"command":"pwd"}') }) + chatChunk({}, 'tool_calls') + done, two],
  ['the name again with the last piece (agentscope-java#1216)', chat, call({ index: 0, id: 'a', function: called('{"command":"ls"') }) + call({ index: 0, id: null, function: called('}') }) + chatChunk({}, 'tool_calls') + done, ls],
  ['two pieces of one call in a chunk (langchain#36627)', chat, call({ index: 0, id: 'a', function: called('') }, { index: 0, function: rest('{') }) + call({ index: 0, function: rest('"command":"ls"}') }) + chatChunk({}, 'tool_calls') + done, ls],
  ['another id in later pieces (poolsideai/pool#9)', chat, call({ index: 0, id: 'a', function: called('') }) + call({ index: 0, id: 'b', function: rest('{"command":') }) + call({ index: 0, id: 'b', function: rest('"ls"}') }) + chatChunk({}, 'tool_calls') + done, ls],
  ['a new id and the name with each piece', chat, call({ index: 0, id: 'a', function: called('{"command":') }) + call({ index: 0, id: 'b', function: called('"ls') }) + call({ index: 0, id: 'c', function: called('"}') }) + chatChunk({}, 'tool_calls') + done, ls],
  ['an index that counts the pieces', chat, call({ index: 0, id: 'a', function: called('{"command":') }) + call({ index: 1, function: rest('"ls') }) + call({ index: 2, function: rest('"}') }) + chatChunk({}, 'tool_calls') + done, ls],
  ['each call at index 0 (dynamo#4723, gcli2api#406)', chat, call({ index: 0, id: 'a', function: called('{"command":"ls"}') }) + call({ index: 0, id: 'b', function: called('{"command":"pwd"}') }) + chatChunk({}, 'tool_calls') + done, two],
  ['a call in both forms', chat, chatChunk({ function_call: called('{"command":"ls"}'), tool_calls: [{ index: 0, id: 'a', function: called('{"command":"ls"}') }] }) + chatChunk({}, 'tool_calls') + done, ls],
  ['a call in place of the list', chat, whole({ content: null, tool_calls: { id: 'a', type: 'function', function: called('{"command":"ls"}') } }), ls],
  ['a call without its function', chat, whole({ content: null, tool_calls: [{ id: 'a', name: 'Bash', args: { command: 'ls' } }] }), ls],
  ['a function as text', chat, whole({ content: null, tool_calls: [{ id: 'a', type: 'function', function: JSON.stringify(called('{"command":"ls"}')) }] }), ls],
  ['parameters in place of arguments', chat, whole({ content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'Bash', parameters: { command: 'ls' } } }] }), ls],
  ['a call only in the last message', chat, chatChunk({ reasoning_content: 'Hm' }) + choice({ index: 0, delta: {}, message: { role: 'assistant', content: '', tool_calls: [{ id: 'a', type: 'function', function: called('{"command":"ls"}') }] }, finish_reason: 'tool_calls' }) + done, ls],
  ['a name that was joined to itself', chat, call({ index: 0, id: 'a', function: { name: 'BashBash', arguments: '{"command":"ls"}' } }) + chatChunk({}, 'tool_calls') + done, ls],
  ['a block with arguments', messages, { ...message, content: [{ type: 'tool_use', id: 't', name: 'Bash', arguments: { command: 'ls' } }], stop_reason: 'tool_use' }, ls],
  ['a block with a function', messages, { ...message, content: [{ type: 'tool_use', id: 't', function: called('{"command":"ls"}') }], stop_reason: 'tool_use' }, ls],
  ['a piece of JSON that is an object', messages, start + event('content_block_start', { index: 0, content_block: { type: 'tool_use', id: 't', name: 'Bash', input: {} } }) + event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: { command: 'ls' } } }) + event('content_block_stop', { index: 0 }) + endTurn, ls],
  ['arguments only at their end (opencodex#4652)', responses, event('response.output_item.added', { output_index: 0, item: { ...callItem, arguments: '' } }) + event('response.function_call_arguments.done', { output_index: 0, item_id: 'fc_1', arguments: '{"command":"ls"}' }) + event('response.completed', { response: { ...response, output: [] } }), ls],
  ['a name only at the end of the arguments', responses, event('response.function_call_arguments.done', { output_index: 0, item_id: 'fc_1', name: 'Bash', call_id: 'call_1', arguments: '{"command":"ls"}' }) + event('response.completed', { response: { ...response, output: [] } }), ls],
  ['backslashes as they are (claude-code#87251)', messages, start + event('content_block_start', { index: 0, content_block: { type: 'tool_use', id: 't', name: 'Bash', input: {} } }) + event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: String.raw`{"command":"type E:\Folder\a.md` } }) + event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: '"}' } }) + event('content_block_stop', { index: 0 }) + endTurn, [['Bash', { command: String.raw`type E:\Folder\a.md` }]]],
  ['a bracket that the server lost (vllm#32152)', chat, call({ index: 0, id: 'a', function: called('{"command":"ls"') }) + chatChunk({}, 'tool_calls') + done, ls],
  ['a list of PHP for no arguments (neuron-ai#317)', responses, { ...response, output: [{ ...callItem, arguments: '[]' }] }, [['Bash', {}]]],
]; // prettier-ignore

const cut: Form[] = [
  ['reasons of an answer that goes on, and no end', chat, chatChunk({ content: 'Hello ' }, 'in_progress')],
];

const failures: Form[] = [
  ['in the status’ details', responses, event('response.failed', { response: { status: 'failed', error: null, status_details: { error: { message: 'it broke' } } } })],
  ['as the last one', responses, event('response.failed', { response: { status: 'failed', last_error: { message: 'it broke' } } })],
  ['in the event itself', responses, event('response.failed', { status: 'failed', error: { message: 'it broke' } })],
  ['beside the beginning of an answer', responses, { error: { message: 'it broke' }, response: { ...response, output: [] } }],
  ['in a wrapped answer', chat, { success: false, data: null, error: { message: 'it broke' } }],
  ['around what else is known of it', chat, { code: 1302, message: 'it broke', data: { type: 'rate_limit', object: 'limit' } }],
  ['around an answer without content', chat, { code: 1302, message: 'it broke', data: { choices: [], content: '' } }],
  ['around what else is known of it, in a stream', messages, data({ code: 1302, message: 'it broke', data: { type: 'rate_limit' } })],
  ['in a wrapped event', messages, data({ success: true, data: { type: 'error', error: { type: 'api_error', message: 'it broke' } } })],
  ['in a dictionary of Python', chat, `${chatChunk({ content: 'Hel' })}data: {'error': {'message': 'it broke', 'code': None}}\n\n`],
]; // prettier-ignore

const reply = (body: string | object) => (): UpstreamReply =>
  replyWith(200, body, typeof body === 'string' && /^["{]/.test(body) ? { 'content-type': 'application/json' } : {});

describe.each(asks)('for a client of $client.dialect, streamed: $stream', (ask) => {
  it.each(answers)('%s', async (_, profile, body) => {
    const got = await askProfile({ ...ask, profile, tool: bash, reply: reply(body) });
    expect([got.text.replace(/\s+/, ' '), got.calls, got.error]).toEqual(['Hello you', [], undefined]);
  });

  it.each(calls)('%s', async (_, profile, body, expected) => {
    const got = await askProfile({ ...ask, profile, tool: bash, reply: reply(body) });
    expect(got.error).toBeUndefined();
    expect(got.calls.map(([name, input]) => [name, JSON.parse(input) as unknown])).toEqual(expected);
  });

  it.each(cut)('%s', async (_, profile, body) => {
    const got = await askProfile({ ...ask, profile, tool: bash, reply: reply(body) });
    expect(got.error).toContain('before its answer was complete');
  });

  it.each(failures)('an error %s', async (_, profile, body) => {
    const got = await askProfile({ ...ask, profile, tool: bash, reply: reply(body) });
    expect(got.error).toContain('it broke');
  });

  it('text that continues behind a stop reason stays one text', async () => {
    const delta = (text: string): string =>
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
    const stop = event('message_delta', { delta: { stop_reason: 'end_turn' } });
    const block = event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    for (const end of [event('content_block_stop', { index: 0 }) + endTurn, endTurn, stop]) {
      const body = start + block + delta('Hello ') + stop + delta('you') + end;
      const got = await askProfile({ ...ask, profile: messages, reply: reply(body) });
      expect([got.text, got.error]).toEqual(['Hello you', undefined]);
    }
  });

  it('ends where the provider continues with heartbeats behind the response (OmniRoute#11384)', async () => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(event('response.output_item.done', { output_index: 0, item: hello }) + event('response.completed', { response }));
      for (;;) {
        await new Promise(setImmediate);
        yield Buffer.from(': keepalive\n\n');
      }
    }
    const headers = { 'content-type': 'text/event-stream' };
    const got = await askProfile({ ...ask, profile: responses, reply: () => ({ status: 200, headers, body: body() }) });
    expect([got.text, got.error]).toEqual(['Hello you', undefined]);
  }); // prettier-ignore
});
