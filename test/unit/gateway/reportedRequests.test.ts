// Public reports of requests that a provider refuses, rebuilt: docs/reference/wire-kinds.md, kinds 7 to 11 and 14.
import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../src/canonical/request.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { playStandIn } from '../../support/playStandIn.ts';
import type { Profile } from '../../upstream/profile.ts';
import { anthropic } from '../../upstream/providers/anthropic.ts';
import { deepseek } from '../../upstream/providers/deepseek.ts';
import { kimi } from '../../upstream/providers/kimi.ts';
import { openAiChat } from '../../upstream/providers/openaiChat.ts';
import { openAiResponses } from '../../upstream/providers/openaiResponses.ts';
import { always, turn } from '../../upstream/scripts.ts';

type Provider = { profile: Profile; entry: { name: string; api_base_url: string; protocol: string; models: string[] } };

const entry = (name: string, url: string, protocol: string, model: string): Provider['entry'] => ({ name, api_base_url: url, protocol, models: [model] }); // prettier-ignore

const providers = {
  claude: { profile: anthropic, entry: entry('anthropic', 'https://api.anthropic.com', 'anthropic', 'claude-opus-4-7') },
  'older claude': { profile: anthropic, entry: entry('anthropic', 'https://api.anthropic.com', 'anthropic', 'claude-sonnet-4-5') },
  gpt: { profile: openAiChat, entry: entry('openai', 'https://api.openai.com/v1', 'openai', 'gpt-4.1') },
  codex: { profile: openAiResponses, entry: entry('openai', 'https://api.openai.com/v1', 'responses', 'gpt-5.6') },
  kimi: { profile: kimi('native'), entry: entry('kimi', 'https://api.moonshot.ai/v1', 'openai', 'kimi-k2.6') },
  deepseek: { profile: deepseek, entry: entry('deepseek', 'https://api.deepseek.com', 'openai', 'deepseek-flash') },
} satisfies Record<string, Provider>; // prettier-ignore

type Name = keyof typeof providers;

const wires: Record<string, DialectId> = {
  openai: 'openai-chat',
  responses: 'openai-responses',
  anthropic: 'anthropic-messages',
};

/** Asks through a whole gateway. Returns what the provider refused, and the body that it took. */
async function ask(name: Name, dialect: DialectId, body: object) {
  const { profile, entry: provider } = providers[name];
  const { answer, refusals } = playStandIn(profile, always(turn({ text: 'OK' })));
  const bench = createGatewayBench(
    { Providers: [{ ...provider, api_key: 'some-key' }], Router: { default: `${provider.name},${provider.models[0]}`, tierRetries: { 'tier-0': { max_retries: 0 } } } },
    answer,
  ); // prettier-ignore
  const { done, received } = bench.ask({ dialect, body: { model: 'auto', ...body } });
  await done;
  const sent = JSON.parse(bench.calls.at(-1)?.body ?? '{}') as JsonObject;
  // Proofs that no stand-in has made are left out of a second attempt.
  const others = refusals.filter((each) => !each.includes('could not be verified'));
  return { refusals: others, received, sent, warnings: bench.records[0]?.warnings ?? [] };
}

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const jpeg = '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIs';
const parameters = { type: 'object', properties: {} };
const mark = { type: 'ephemeral' };
const hour = { type: 'ephemeral', ttl: '1h' };

const said = (role: string, content: unknown) => ({ role, content });
const hi = said('user', 'Hi');

/** A request of each dialect with one answered call of `f`. `result` stands where the wire has it. */
const called = {
  chat: (result: unknown, call: object = {}) => ({
    tools: [{ type: 'function', function: { name: 'f', parameters } }],
    messages: [hi, { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }], ...call }, { role: 'tool', tool_call_id: 'c1', content: result }],
  }),
  responses: (output: unknown, call: object = {}, item: object = {}) => ({
    tools: [{ type: 'function', name: 'f', parameters }],
    input: [hi, { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}', ...call }, { type: 'function_call_output', call_id: 'c1', output, ...item }],
  }),
  messages: (result: object) => ({
    max_tokens: 100,
    tools: [{ name: 'f', input_schema: parameters }],
    messages: [hi, said('assistant', [{ type: 'tool_use', id: 't1', name: 'f', input: {} }]), said('user', [{ type: 'tool_result', tool_use_id: 't1', ...result }])],
  }),
}; // prettier-ignore

const chatImage = (url: string) => ({ type: 'image_url', image_url: { url } });
const block = (media_type: string, data: string) => ({ type: 'image', source: { type: 'base64', media_type, data } });

const ofAll: [string, Record<'chat' | 'responses' | 'messages', object>][] = [
  [
    'an image under another type (llxprt-code#2130)',
    {
      chat: { messages: [said('user', [chatImage(`data:image/png;base64,${jpeg}`), chatImage(`data:image/jpg;base64,${jpeg}`), chatImage(`data:application/octet-stream;base64,${png}`)])] },
      responses: { input: [said('user', [{ type: 'input_image', image_url: `data:image/png;base64,${jpeg}` }, { type: 'input_image', image_url: `data:image/jpg;base64,${jpeg}` }])] },
      messages: { max_tokens: 9, messages: [said('user', [block('image/png', jpeg), block('image/jpg', jpeg), block('image/jpeg', `data:image/png;base64,${png}`)])] },
    },
  ],
  [
    'an image that is a text (vscode-unify-chat-provider#244)',
    {
      chat: { messages: [said('user', [{ type: 'text', text: 'See.' }, chatImage('data:image/svg+xml;base64,PHN2Zy8+')])] },
      responses: { input: [said('user', [{ type: 'input_text', text: 'See.' }, { type: 'input_image', image_url: 'data:text/plain;charset=utf-8;base64,SGk=' }])] },
      messages: { max_tokens: 9, messages: [said('user', [{ type: 'text', text: 'See.' }, block('text/plain', 'SGk=')])] },
    },
  ],
  [
    'empty lists (openai-python#2061, claude-code-router#686, tome#87)',
    {
      chat: { tools: [], tool_choice: 'auto', parallel_tool_calls: true, stop: [], messages: [hi, { ...said('assistant', 'Yes?'), tool_calls: [] }, hi] },
      responses: { tools: [], tool_choice: 'auto', parallel_tool_calls: true, input: 'Hi' },
      messages: { max_tokens: 9, tools: [], tool_choice: { type: 'auto' }, stop_sequences: [], messages: [hi] },
    },
  ],
  [
    'results with images (command-code#795, command-code#850, hermes-agent#109707)',
    {
      chat: called.chat([{ type: 'text', text: 'Seen.' }, chatImage(`data:image/png;base64,${png}`)]),
      responses: called.responses([{ type: 'text', text: 'Seen.' }, { type: 'input_image', image_url: `data:image/png;base64,${png}` }]),
      messages: called.messages({ content: [{ type: 'text', text: 'Seen.' }, block('image/png', png)] }),
    },
  ],
  [
    'results without anything (kwwk#142, latitude-llm#810, opencode#15371)',
    { chat: called.chat(null), responses: called.responses(null), messages: called.messages({ content: null }) },
  ],
  [
    'failed results without anything, and with an image',
    {
      chat: called.chat(''),
      responses: called.responses(''),
      messages: {
        ...called.messages({ content: [block('image/png', png)], is_error: true }),
      },
    },
  ],
  [
    'tools in the form of another dialect (litellm#34029, codex-proxy#507, dario#190)',
    {
      chat: { messages: [hi], tools: [{ type: 'function', name: 'f', parameters }, { name: 'g', input_schema: parameters }, { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } }], tool_choice: { type: 'auto' } },
      responses: { input: 'Hi', tools: [{ type: 'function', function: { name: 'f', parameters } }, { name: 'g', input_schema: parameters }], tool_choice: { type: 'function', function: { name: 'f' } } },
      messages: { max_tokens: 9, messages: [hi], tools: [{ type: 'function', function: { name: 'f', parameters } }, { type: 'function', name: 'g' }, { name: 'h' }], tool_choice: 'auto' },
    },
  ],
  [
    'an output limit of none',
    { chat: { max_tokens: -1, messages: [hi] }, responses: { max_output_tokens: -1, input: 'Hi' }, messages: { max_tokens: 9, messages: [hi] } },
  ],
  [
    'names that are long (llxprt-code#2135, pi#4719, claude-code-provider-proxy#11)',
    {
      chat: { messages: [hi], prompt_cache_key: 'k'.repeat(97), user: 'u'.repeat(150), safety_identifier: 's'.repeat(65) },
      responses: { input: 'Hi', prompt_cache_key: 'k'.repeat(97), user: 'u'.repeat(150), metadata: { a: 'x'.repeat(600), n: 1 } },
      messages: { max_tokens: 9, messages: [hi], metadata: { user_id: 'u'.repeat(300), session: 's' } },
    },
  ],
  [
    'a history with calls, without tools',
    {
      chat: { ...called.chat('ok'), tools: undefined },
      responses: { ...called.responses('ok'), tools: undefined },
      messages: { ...called.messages({ content: 'ok' }), tools: undefined },
    },
  ],
]; // prettier-ignore

const clientDialects = { chat: 'openai-chat', responses: 'openai-responses', messages: 'anthropic-messages' } as const;

describe.each(ofAll)('%s', (_, bodies) => {
  const pairs = (['chat', 'responses', 'messages'] as const).flatMap((client) =>
    (Object.keys(providers) as Name[]).map((name) => [client, name] as const),
  );
  it.each(pairs)('from a client of %s to %s', async (client, name) => {
    const { refusals, received } = await ask(name, clientDialects[client], bodies[client]);
    expect(refusals).toEqual([]);
    expect(received.status).toBe(200);
    expect(received.text).toContain('OK');
  });
});

type Case = [report: string, name: Name, dialect: DialectId, body: object, shown?: string];
const [chat, responses, messages] = [wires['openai'], wires['responses'], wires['anthropic']] as [DialectId, DialectId, DialectId]; // prettier-ignore

const cases: Case[] = [
  ['an hour after five minutes (headroom#2939, claude-code-cache-fix#44)', 'claude', messages, { max_tokens: 9, system: [{ type: 'text', text: 's', cache_control: mark }], messages: [said('user', [{ type: 'text', text: 'Hi', cache_control: hour }])] }],
  ['the same within a result (UncommonRoute#1)', 'claude', messages, { ...called.messages({ content: [{ type: 'text', text: 'x', cache_control: mark }], cache_control: hour }) }],
  ['a mark on thinking (sub2api#225, Antigravity-Manager#125, gproxy#67)', 'claude', messages, { max_tokens: 9, messages: [hi, said('assistant', [{ type: 'redacted_thinking', data: 'R', cache_control: mark }, { type: 'text', text: 'a' }]), hi] }],
  ['thinking at the end (CLIProxyAPI#5321, hermes-agent#13010)', 'older claude', responses, { input: [hi, { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], content: [] }] }],
  ['the same of Messages (forgecode#3071)', 'claude', messages, { max_tokens: 9, messages: [hi, said('assistant', [{ type: 'redacted_thinking', data: 'R' }])] }],
  ['thinking in a begun answer, without thinking (forgecode#1853)', 'older claude', messages, { max_tokens: 9, messages: [hi, said('assistant', [{ type: 'redacted_thinking', data: 'R' }, { type: 'text', text: 'So' }])] }, 'So'],
  ['blank stop sequences (litellm#3286)', 'claude', messages, { max_tokens: 9, stop_sequences: ['\n', ' ', 'END'], messages: [hi] }, '"stop_sequences":["END"]'],
  ['the same of Chat', 'claude', chat, { stop: ['\n'], messages: [hi] }],
  ['an address as the user (litellm#10106)', 'claude', messages, { max_tokens: 9, metadata: { user_id: 'me@example.com' }, messages: [hi] }, '"user_id":"'],
  ['a budget of none', 'claude', messages, { max_tokens: 5000, thinking: { type: 'enabled', budget_tokens: 0 }, messages: [hi] }, '"type":"disabled"'],
  ['a budget below the least', 'older claude', messages, { max_tokens: 5000, thinking: { type: 'enabled', budget_tokens: 100 }, messages: [hi] }, '"budget_tokens":1024'],
  ['a conversation that the assistant begins', 'claude', messages, { max_tokens: 9, messages: [said('assistant', 'Hello.'), hi] }],
  ['system and developer among the messages', 'claude', messages, { max_tokens: 9, messages: [said('system', 'Be brief.'), said('developer', 'In English.'), hi] }, 'In English.'],
  ['a picture of Chat', 'claude', messages, { max_tokens: 9, messages: [said('user', [chatImage(`data:image/png;base64,${png}`)])] }, '"source":{"type":"base64"'],
  ['messages of tools', 'claude', messages, { max_tokens: 9, tools: [{ name: 'f', input_schema: parameters }], messages: [hi, { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'c1', content: 'ok' }] }, '"tool_use_id":"c1"'],
  ['five stop sequences (Qwen-Agent#228)', 'gpt', messages, { max_tokens: 9, stop_sequences: ['a', 'b', 'c', 'd', 'e'], messages: [hi] }, '"stop":["a","b","c","d"]'],
  ['the same of Chat', 'gpt', chat, { stop: ['a', 'b', 'c', 'd', 'e'], messages: [hi] }, '"stop":["a","b","c","d"]'],
  ['a name with a space', 'gpt', chat, { messages: [{ ...hi, name: 'John Doe' }] }, '"name":"John_Doe"'],
  ['metadata that is not stored', 'gpt', chat, { metadata: { a: 'b' }, messages: [hi] }],
  ['an empty system message', 'kimi', chat, { messages: [said('system', ''), hi] }],
  ['an empty text beside calls (litellm#42186)', 'kimi', chat, called.chat('ok', { content: [{ type: 'text', text: '' }] })],
  ['an empty list beside calls (archestra#7375)', 'gpt', chat, called.chat('ok', { content: [] })],
  ['a text file of Responses', 'gpt', responses, { input: [said('user', [{ type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,SGVsbG8=' }])] }, 'a.txt:\\n\\nHello'],
  ['a text file at a reader of texts', 'deepseek', responses, { input: [said('user', [{ type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,SGVsbG8=' }, { type: 'input_file', file_url: 'https://example.com/a.pdf' }])] }, 'Hello'],
  ['a document without a name', 'gpt', messages, { max_tokens: 9, messages: [said('user', [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } }])] }, '"filename":"file.pdf"'],
  ['a document at an address', 'gpt', messages, { max_tokens: 9, messages: [said('user', [{ type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }])] }, 'https://example.com/a.pdf'],
  ["Cursor's body of Responses (Helicone#5629, litellm#34029)", 'gpt', chat, { instructions: 'Be brief.', stream: false, reasoning: { effort: 'low' }, max_output_tokens: 50, include: [], input: [said('user', [{ type: 'input_text', text: 'Hi' }]), ...called.responses('ok').input.slice(1)], tools: called.responses('ok').tools }, '"tool_call_id":"c1"'],
  ["Cursor's calls of Messages (CLIProxyAPI#601, dario#203)", 'gpt', chat, { ...called.messages({ content: [{ type: 'text', text: 'ok' }] }) }, '"tool_call_id":"t1"'],
  ['parts of another role (openhuman#3624, rust-genai#119)', 'codex', responses, { input: [hi, said('assistant', [{ type: 'input_text', text: 'a' }]), said('user', [{ type: 'output_text', text: 'b' }, { type: 'text', text: 'c' }])] }],
  ['reasoning without a summary', 'codex', responses, { input: [hi, { type: 'reasoning', id: 'rs_1', encrypted_content: 'E' }, said('assistant', 'a'), hi] }],
  ['ids of another maker (sub2api#3785, CodexPlusPlus#1796, WaLiAPI#129)', 'codex', responses, called.responses('ok', { id: 'call_b4a5022d86db4e57b13da2dd' })],
  ['ids of proxies (cockpit-tools#2090, billion-context#1052)', 'codex', responses, { input: [hi, { type: 'reasoning', id: 'item_1', summary: [], encrypted_content: 'E' }, { type: 'message', id: 'msg-proxy-2:7', ...said('assistant', 'a') }, hi] }],
  ['ids that are long or empty (billion-context#244, langchainjs#11044)', 'codex', responses, { input: [hi, { type: 'message', id: `msg_${'a'.repeat(70)}`, ...said('assistant', 'a') }, { type: 'message', id: '', ...said('assistant', 'b') }, hi] }],
  ['results that are objects', 'codex', responses, called.responses({ a: 1 }), '{\\"a\\":1}'],
  ['calls without a call id', 'codex', responses, called.responses('ok', { call_id: undefined, id: 'fc_9' }, { call_id: 'fc_9' }), '"call_id":"fc_9"'],
  ['empty lists for empty objects, as PHP writes them', 'gpt', chat, { messages: [hi], tools: [{ type: 'function', function: { name: 'f', parameters: [] } }, { type: 'function', function: { name: 'g', parameters: true } }] }, '"properties":{}'],
  ['messages of Chat', 'codex', responses, { ...called.chat('ok'), max_tokens: 100, reasoning_effort: 'low', response_format: { type: 'json_schema', json_schema: { schema: parameters } } }, '"max_output_tokens":100'],
]; // prettier-ignore

describe('what a provider refuses', () => {
  it.each(cases)('%s, at %s from %s', async (_, name, dialect, body, shown = '') => {
    const { refusals, received, sent } = await ask(name, dialect, body);
    expect(refusals).toEqual([]);
    expect(received.status).toBe(200);
    expect(JSON.stringify(sent)).toContain(shown);
  });

  it('says that stop sequences were left out', async () => {
    const { warnings } = await ask('gpt', chat, { stop: ['a', 'b', 'c', 'd', 'e'], messages: [hi] });
    expect(warnings.join()).toContain('some of the stop sequences');
  });
});
