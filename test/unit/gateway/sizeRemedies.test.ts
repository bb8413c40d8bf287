// Lists, texts and images that a provider refuses for their size, and takes once they are smaller.
import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../src/canonical/request.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { isObject, objectsOf } from '../../upstream/json.ts';

const protocols = { 'openai-chat': 'openai', 'openai-responses': 'responses', 'anthropic-messages': 'anthropic' } as const; // prettier-ignore
const answers: Record<DialectId, object> = {
  'openai-chat': { object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'OK' }, finish_reason: 'stop' }] },
  'anthropic-messages': { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'OK' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } },
  'openai-responses': { object: 'response', status: 'completed', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'OK' }] }] },
}; // prettier-ignore

/** A gateway with one provider, which refuses bodies with the words that `refuse` gives. */
function play(wire: DialectId, refuse: (body: JsonObject) => string | undefined) {
  const sent: JsonObject[] = [];
  const bench = createGatewayBench(
    {
      Providers: [{ name: 'some', api_base_url: 'http://some.test/v1', protocol: protocols[wire], api_key: 'k', models: ['m'] }],
      Router: { default: 'some,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
    },
    ({ body }) => {
      const json = JSON.parse(body) as JsonObject;
      sent.push(json);
      const message = refuse(json);
      const error = { type: 'invalid_request_error', message };
      return Promise.resolve(
        message === undefined ? replyWith(200, answers[wire]) : replyWith(400, JSON.stringify({ error }), { 'content-type': 'application/json' }),
      );
    },
  ); // prettier-ignore
  return { bench, sent };
}

const parameters = { type: 'object', properties: {} };
const dialects = Object.keys(protocols) as DialectId[];
const pairs = dialects.flatMap((client) => dialects.map((wire) => [client, wire] as const));

/** A request with this many tools, of which the last one was called. */
function withTools(client: DialectId, count: number): object {
  const names = Array.from({ length: count }, (_, index) => `tool_${index}`);
  const last = `tool_${count - 1}`;
  switch (client) {
    case 'openai-chat':
      return {
        tools: names.map((name) => ({ type: 'function', function: { name, parameters } })),
        messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: last, arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'c1', content: 'ok' }],
      }; // prettier-ignore
    case 'openai-responses':
      return {
        tools: names.map((name) => ({ type: 'function', name, parameters })),
        input: [{ role: 'user', content: 'Hi' }, { type: 'function_call', call_id: 'c1', name: last, arguments: '{}' }, { type: 'function_call_output', call_id: 'c1', output: 'ok' }],
      }; // prettier-ignore
    case 'anthropic-messages':
      return {
        max_tokens: 99,
        tools: names.map((name) => ({ name, input_schema: parameters })),
        messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: last, input: {} }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'ok' }] }],
      }; // prettier-ignore
    default:
      return client satisfies never;
  }
}

const toolName = (tool: JsonObject): unknown => (isObject(tool['function']) ? tool['function']['name'] : tool['name']);

describe('more tools than a provider takes', () => {
  const wordings: [string, string][] = [
    ['claude-code-router#686, opencode#4909', "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 130 instead."],
    ['vscode#255532', 'You may not include more than 128 tools in your request.'],
  ]; // prettier-ignore
  it.each(pairs.flatMap(([client, wire]) => wordings.map(([report, words]) => [report, client, wire, words] as const)))(
    '%s: %s to %s',
    async (_, client, wire, words) => {
      const { bench, sent } = play(wire, ({ tools }) => (objectsOf(tools).length > 128 ? words : undefined));
      for (const attempts of [2, 3]) {
        const { done, received } = bench.ask({ dialect: client, body: { model: 'm', ...withTools(client, 130) } });
        await done;
        expect(received.status).toBe(200);
        // The second request is fitted before it is sent.
        expect(sent).toHaveLength(attempts);
      }
      const names = objectsOf(sent.at(-1)?.['tools']).map(toolName);
      expect(names).toHaveLength(128);
      expect(names.at(-1)).toBe('tool_129');
      expect(names[0]).toBe('tool_0');
      expect(bench.records[0]?.warnings.join()).toContain('2 (tool_127, tool_128) left out');
    },
  );

  it('is an error where the words are of something else', async () => {
    const { bench, sent } = play('openai-chat', () => "Invalid 'messages[0].tool_calls': array too long. Expected an array with maximum length 128."); // prettier-ignore
    const { done, received } = bench.ask({ dialect: 'openai-chat', body: { model: 'm', ...withTools('openai-chat', 3) } }); // prettier-ignore
    await done;
    expect(received.status).toBe(400);
    expect(sent).toHaveLength(1);
  });
});

describe('a description that is longer than a provider takes (goose#739, sentry-mcp#106)', () => {
  it.each(dialects)('from a client of %s', async (client) => {
    const { bench, sent } = play('openai-chat', ({ tools }) => {
      const at = objectsOf(tools).findIndex((tool) => isObject(tool['function']) && String(tool['function']['description'] ?? '').length > 1024); // prettier-ignore
      return at === -1 ? undefined : `Invalid 'tools[${at}].function.description': string too long. Expected a string with maximum length 1024, but got a string with length 4394 instead.`; // prettier-ignore
    });
    const description = `First. ${'🙂'.repeat(2000)}`;
    const tools = {
      'openai-chat': [{ type: 'function', function: { name: 'f', description, parameters } }],
      'openai-responses': [{ type: 'function', name: 'f', description, parameters }],
      'anthropic-messages': [{ name: 'f', description, input_schema: parameters }],
    };
    const body = client === 'openai-responses' ? { input: 'Hi' } : { max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }; // prettier-ignore
    const { done, received } = bench.ask({ dialect: client, body: { model: 'm', ...body, tools: tools[client] } });
    await done;
    expect(received.status).toBe(200);
    const [tool] = objectsOf(sent.at(-1)?.['tools']);
    const cut = isObject(tool?.['function']) ? String(tool['function']['description']) : '';
    expect(cut.startsWith('First. 🙂')).toBe(true);
    expect(cut.length).toBeLessThanOrEqual(1024);
    expect(cut.isWellFormed()).toBe(true);
    expect(bench.records[0]?.warnings.join()).toContain('takes at most 1024 characters');
  });
});

it('two users stay two where a provider takes shorter names than others', async () => {
  const { bench, sent } = play('openai-chat', ({ user }) =>
    String(user).length > 32 ? "Invalid 'user': string too long. Expected a string with maximum length 32" : undefined,
  );
  const ask = async (user: string): Promise<unknown> => {
    const body = { model: 'm', user, messages: [{ role: 'user', content: 'Hi' }] };
    const { done, received } = bench.ask({ dialect: 'openai-chat', body });
    await done;
    expect(received.status).toBe(200);
    return sent.at(-1)?.['user'];
  };
  const name = 'someone-with-a-long-name-of-the-company-';
  const [first, second, again] = [await ask(`${name}1`), await ask(`${name}2`), await ask(`${name}1`)];
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(second).not.toBe(first);
  expect(again).toBe(first);
  expect(bench.records[0]?.warnings.join()).toContain('longer ones became a hash');
});

describe('an image that a provider refuses does not end a conversation', () => {
  const data = 'iVBORw0KGgo=';
  const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
  const conversation = [
    { role: 'user', content: [{ type: 'text', text: 'See' }, picture] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'r' }, { ...picture, cache_control: { type: 'ephemeral' } }] }] },
  ]; // prettier-ignore
  const tools = [{ name: 'f', input_schema: parameters }];
  const count = (body: JsonObject): number => JSON.stringify(body).split(data).length - 1;

  it.each([
    ['claude-code#34120', 'messages.0.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels', 1],
    ['claude-code#59133', 'messages.2.content.0.tool_result.content.1.image.source.base64: image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes', 1],
    ['without its place', 'Could not process image', 0],
  ])('%s', async (_, words, left) => {
    const { bench, sent } = play('anthropic-messages', (body) => (count(body) > left ? words : undefined));
    const { done, received } = bench.ask({ dialect: 'anthropic-messages', body: { model: 'm', max_tokens: 99, messages: conversation, tools } }); // prettier-ignore
    await done;
    expect(received.status).toBe(200);
    expect(sent).toHaveLength(2);
    expect(JSON.stringify(sent[1])).toContain('[image omitted: the provider refused it]');
    expect(JSON.stringify(sent[1])).toContain('"text":"See"');
    expect(JSON.stringify(sent[1]?.['messages']).split('cache_control')).toHaveLength(2);
    expect(bench.records[0]?.warnings.join()).toContain('refuses an image of the conversation');
  }); // prettier-ignore

  it.each<[DialectId, JsonObject]>([
    ['openai-chat', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }] }] }],
    ['openai-responses', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: `data:image/png;base64,${data}` }] }] }],
  ])('%s: "You uploaded an unsupported image." (hermes-agent#109707)', async (wire, body) => {
    const { bench, sent } = play(wire, (each) => (count(each) > 0 ? 'You uploaded an unsupported image. Please make sure your image is valid.' : undefined));
    const { done, received } = bench.ask({ dialect: wire, body: { model: 'm', ...body } });
    await done;
    expect(received.status).toBe(200);
    expect(sent).toHaveLength(2);
  }); // prettier-ignore

  it('is a plain error in a request without images', async () => {
    const { bench, sent } = play('anthropic-messages', () => 'Could not process image');
    const { done, received } = bench.ask({ dialect: 'anthropic-messages', body: { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] } }); // prettier-ignore
    await done;
    expect(received.status).toBe(400);
    expect(sent).toHaveLength(1);
  });
});
