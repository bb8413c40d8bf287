// Public reports of the kinds 1 to 7, rebuilt: docs/reference/wire-kinds.md.
import { describe, expect, it } from 'vitest';
import { askProfile } from '../../support/askProfile.ts';
import { event, type AskedTool } from '../../support/callWires.ts';
import { chatChunk, replyWith } from '../../support/gatewayBench.ts';
import type { ProviderProfile } from '../../support/providerProfiles.ts';
import { clients } from '../matrix/paths.ts';

const chat: ProviderProfile = { name: 'some', wire: 'openai-chat', baseUrl: 'http://some.test/v1', model: 'm' };
const messages: ProviderProfile = { ...chat, wire: 'anthropic-messages' };
const responses: ProviderProfile = { ...chat, wire: 'openai-responses' };

const done = 'data: [DONE]\n\n';
const call = (fields: object): string => chatChunk({ tool_calls: [{ index: 0, ...fields }] });
const bash: AskedTool = { name: 'Bash', parameters: { type: 'object', properties: { command: { type: 'string' } } } };
const write: AskedTool = {
  name: 'write_file',
  parameters: { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } } },
};

const asks = clients.flatMap((client) => [true, false].map((stream) => ({ client, stream })));

describe.each(asks)('for a client of $client.dialect, streamed: $stream', (ask) => {
  it.each<[string, ProviderProfile, string | object, AskedTool, string, [string, object][]]>([
    [
      'later pieces of a call are named "null" (litellm#12513)', chat,
      call({ id: 'c1', type: 'FUNCTION', function: { name: 'Bash', arguments: '{"command":' } }) + call({ id: '', type: 'FUNCTION', function: { name: 'null', arguments: '"ls"}' } }) + chatChunk({}, 'tool_calls') + done,
      bash, '', [['Bash', { command: 'ls' }]],
    ],
    [
      'a call begins without arguments (ogx#5462)', chat,
      call({ id: 'c1', type: 'function', function: { name: 'Bash', arguments: null } }) + call({ function: { arguments: '{"command":"ls"}' } }) + chatChunk({}, 'tool_calls') + done,
      bash, '', [['Bash', { command: 'ls' }]],
    ],
    [
      'the list of calls is empty, and the call is in the text (sglang#26790)', chat,
      { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: '<tool_call>\n{"name": "Bash", "arguments": {"command": "ls"}}\n</tool_call>', tool_calls: [] }, finish_reason: 'tool_calls' }] },
      bash, '', [['Bash', { command: 'ls' }]],
    ],
    [
      'a parameter holds the tag that ends parameters (vllm#44060)', chat,
      chatChunk({ content: '<minimax:tool_call>\n<invoke name="write_file">\n<parameter name="path">a.xml</parameter>\n<parameter name="content"><parameter>\n  <hello></hello>\n</parameter></parameter>\n</invoke>\n</minimax:tool_call>' }) + chatChunk({}, 'stop') + done,
      write, '', [['write_file', { path: 'a.xml', content: '<parameter>\n  <hello></hello>\n</parameter>' }]],
    ],
    [
      'a heartbeat stands within an event (bifrost#5905)', chat,
      `${chatChunk({ content: 'Hello ' }).trimEnd().replace('Hello', 'Hel: heartbeat\n\nlo')}\n\n${chatChunk({ content: 'you' })}${chatChunk({}, 'stop')}${done}`,
      bash, 'Hello you', [],
    ],
    [
      'a heartbeat stands within an event of Responses (codex2api#696)', responses,
      event('response.output_item.added', { output_index: 0, item: { type: 'message', id: 'msg_1', content: [] } }) +
        event('response.output_text.delta', { output_index: 0, content_index: 0, delta: 'Hello you' }).replace('content_', 'content_: keepalive\n\n') +
        event('response.completed', { response: { id: 'r', status: 'completed', output: [] } }),
      bash, 'Hello you', [],
    ],
    [
      'a heartbeat stands within an event of Messages', messages,
      event('message_start', { message: { id: 'm', content: [] } }) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello you' } }).replace('text":"', 'text: ping\n\n":"') +
        event('content_block_stop', { index: 0 }) + event('message_delta', { delta: { stop_reason: 'end_turn' } }) + event('message_stop', {}),
      bash, 'Hello you', [],
    ],
  ])('%s', async (_, profile, body, tool, text, calls) => {
    const got = await askProfile({ ...ask, profile, tool, reply: () => replyWith(200, body) });
    expect(got.error).toBeUndefined();
    expect(got.text).toBe(text);
    expect(got.calls.map(([name, input]) => [name, JSON.parse(input) as unknown])).toEqual(calls);
  });
}); // prettier-ignore
