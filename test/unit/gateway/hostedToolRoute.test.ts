import { describe, expect, it } from 'vitest';
import { createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';

const config = (webSearch?: string): object => ({
  Providers: [
    { name: 'plain', api_base_url: 'http://plain.test/v1', models: ['m'] },
    { name: 'search', api_base_url: 'http://search.test/v1', models: ['sonar'] },
    {
      name: 'anthropic',
      api_base_url: 'https://api.anthropic.com',
      api_key: 'k',
      protocol: 'anthropic',
      models: ['claude'],
    },
  ],
  Router: { default: 'plain,m', ...(webSearch !== undefined && { webSearch }) },
});

const messagesSearch = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 };
const own = { name: 'Read', input_schema: { type: 'object', properties: {} } };
const forced = { type: 'tool', name: 'web_search' };

function messages(body: object): Asked {
  const base = { model: 'auto', max_tokens: 50, messages: [{ role: 'user', content: 'search' }] };
  return { dialect: 'anthropic-messages', client: 'claude-code', body: { ...base, ...body } };
}

function responses(body: object): Asked {
  return { dialect: 'openai-responses', body: { model: 'auto', input: 'search', ...body } };
}

async function ask(asked: Asked, webSearch?: string) {
  const chat = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] };
  const message = { type: 'message', content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn', usage: {} };
  const bench = createGatewayBench(config(webSearch), ({ url }) =>
    Promise.resolve(replyWith(200, url.endsWith('/messages') ? message : chat)),
  );
  const { done, received } = bench.ask(asked);
  await done;
  return { hosts: bench.calls.map(({ url }) => new URL(url).hostname), received, record: bench.records[0] };
}

describe('a request that depends on a hosted tool', () => {
  it.each([
    ['forced, Messages', messages({ tools: [messagesSearch, own], tool_choice: forced })],
    ['alone, Messages', messages({ tools: [messagesSearch] })],
    ['forced, Responses', responses({ tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } })],
    ['alone and required, Responses', responses({ tools: [{ type: 'web_search' }], tool_choice: 'required' })],
  ])('goes to the route webSearch: %s', async (_, asked) => {
    const { hosts, record } = await ask(asked, 'search,sonar');
    expect(hosts).toEqual(['search.test']);
    expect(record?.reason).toBe('web-search');
  });

  it('stays with a named model whose provider runs the tool', async () => {
    const asked = messages({ model: 'anthropic,claude', tools: [messagesSearch], tool_choice: forced });
    const { hosts, record } = await ask(asked, 'search,sonar');
    expect(hosts).toEqual(['api.anthropic.com']);
    expect(record?.reason).toBe('direct');
  });

  it('says in the log why the matched target was left out', async () => {
    const tiers = config() as { Router: object };
    const bench = createGatewayBench({ ...tiers, Router: { ...tiers.Router, think: 'anthropic,claude' } }, () =>
      Promise.resolve(
        replyWith(200, {
          type: 'message',
          content: [{ type: 'text', text: 'Hi' }],
          stop_reason: 'end_turn',
          usage: {},
        }),
      ),
    );
    await bench.ask(messages({ tools: [messagesSearch] })).done;
    expect(bench.calls.map(({ url }) => new URL(url).hostname)).toEqual(['api.anthropic.com']);
    expect(bench.logged.at(-1)).toContain("since plain,m can't run the hosted tool that the request needs");
  });

  it.each([
    ['no route', messages({ tools: [messagesSearch], tool_choice: forced }), undefined],
    ['a named model that can not', messages({ model: 'plain,m', tools: [messagesSearch] }), 'search,sonar'],
    [
      'another tool than a search',
      responses({ tools: [{ type: 'image_generation' }], tool_choice: { type: 'image_generation' } }),
      'search,sonar',
    ],
  ])('gets an error with what to do, and no invented answer: %s', async (_, asked, webSearch) => {
    const { hosts, received } = await ask(asked, webSearch);
    expect(hosts).toEqual([]);
    expect(received.status).toBe(400);
    expect(received.text).toContain('No configured target can run the hosted tool');
  });

  it('is told that the provider of webSearch is off', async () => {
    const off = ['search', 'anthropic'].map((name) => ({ name, enabled: false as const, reason: 'it has no key.' }));
    const bench = createGatewayBench(config('search,sonar'), () => Promise.resolve(replyWith(200, {})), off);
    const { done, received } = bench.ask(messages({ model: 'plain,m', tools: [messagesSearch] }));
    await done;
    expect(received.text).toContain('Set Router.webSearch to');
    const unnamed = bench.ask(responses({ tools: [{ type: 'web_search' }], tool_choice: 'required' }));
    await unnamed.done;
    expect(unnamed.received.text).toContain('The provider of Router.webSearch, search, is off: it has no key.');
  });
});

describe('a hosted tool that the model may do without', () => {
  it.each([
    ['beside others', messages({ tools: [messagesSearch, own] })],
    ['alone in Responses, as Codex may declare it', responses({ tools: [{ type: 'web_search' }] })],
    ['with a choice of none', messages({ tools: [messagesSearch], tool_choice: { type: 'none' } })],
  ])('is left out with a warning: %s', async (_, asked) => {
    const { hosts, record } = await ask(asked, 'search,sonar');
    expect(hosts).toEqual(['plain.test']);
    expect(record?.warnings.join()).toContain('has no hosted tools: web_search left out of the request.');
  });
});
