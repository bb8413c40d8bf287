import { describe, expect, it } from 'vitest';
import { createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';

const providers = ['plain', 'deep', 'long', 'small', 'search', 'sight'];
const config = (Router: object = {}): object => ({
  Providers: providers.map((name) => ({ name, api_base_url: `http://${name}.test/v1`, models: [`${name}-1`] })),
  Router: {
    default: 'plain,plain-1',
    think: 'deep,deep-1',
    background: 'small,small-1',
    webSearch: 'search,search-1',
    image: 'sight,sight-1',
    ...Router,
  },
});

const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
const chat = (body: object, headers: Record<string, string> = {}): Asked => ({
  dialect: 'openai-chat',
  headers,
  body: { model: 'auto', messages: [{ role: 'user', content: 'Hi' }], ...body },
});
const messages = (body: object, headers: Record<string, string> = {}): Asked => ({
  dialect: 'anthropic-messages',
  client: 'claude-code',
  headers,
  body: { model: 'claude-opus-5-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }], ...body },
});
const responses = (body: object, headers: Record<string, string> = {}): Asked => ({
  dialect: 'openai-responses',
  client: 'codex',
  headers,
  body: { model: 'gpt-4o', input: 'Hi', ...body },
});

const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] };

async function ask(asked: Asked, Router: object = {}, off: string[] = []) {
  const disabled = off.map((name) => ({ name, enabled: false as const, reason: 'it has no key.' }));
  const bench = createGatewayBench(config(Router), () => Promise.resolve(replyWith(200, answer)), disabled);
  const { done } = bench.ask(asked);
  await done;
  const [call] = bench.calls;
  return {
    host: call && new URL(call.url).hostname.replace('.test', ''),
    sent: call?.body ?? '',
    reason: bench.records[0]?.reason,
    record: bench.records[0],
  };
}

const title = { 'x-codex-turn-metadata': JSON.stringify({ request_kind: 'turn', thread_source: 'thread_title' }) };
const aside = { 'x-claude-code-request-class': 'auxiliary' };

describe('a request whose client leaves the model to CCR', () => {
  it.each<[string, Asked, string, string]>([
    ['a plain turn', chat({}), 'plain', 'default'],
    ['an unknown model', responses({}), 'plain', 'unknown-model'],
    ['an effort of high', responses({ reasoning: { effort: 'high' } }), 'deep', 'think'],
    ['a medium effort', responses({ reasoning: { effort: 'medium' } }), 'plain', 'unknown-model'],
    [
      'thinking with a budget',
      messages({ max_tokens: 9000, thinking: { type: 'enabled', budget_tokens: 2048 } }),
      'deep',
      'think',
    ],
    [
      'adaptive thinking at medium effort, as Claude Code sends by default',
      messages({ thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } }),
      'plain',
      'unknown-model',
    ],
    ['thinking that is on, as GLM and DeepSeek take it', chat({ thinking: { type: 'enabled' } }), 'deep', 'think'],
    ['thinking that is on, as OpenRouter takes it', chat({ reasoning: { enabled: true } }), 'deep', 'think'],
    ['thinking that is on, as Qwen takes it', chat({ enable_thinking: true }), 'deep', 'think'],
    [
      'thinking that is on, as vLLM takes it',
      chat({ chat_template_kwargs: { enable_thinking: true } }),
      'deep',
      'think',
    ],
    [
      'thinking that is on at a low effort',
      chat({ thinking: { type: 'enabled' }, reasoning_effort: 'low' }),
      'plain',
      'default',
    ],
    ["a reasoning model's name", responses({ model: 'o3-mini' }), 'deep', 'think'],
    ["a small model's name", messages({ model: 'claude-haiku-4-5' }), 'small', 'background'],
    [
      "Codex's request for a title, with the effort of its conversation",
      responses({ reasoning: { effort: 'high' } }, title),
      'small',
      'background',
    ],
    ['a side request of Claude Code', messages({}, aside), 'small', 'background'],
    ['an image', chat({ messages: [{ role: 'user', content: [image] }] }), 'sight', 'image'],
    [
      'an image in a request that thinks',
      chat({ reasoning_effort: 'high', messages: [{ role: 'user', content: [image] }] }),
      'sight',
      'image',
    ],
    ['a search tag', chat({ messages: [{ role: 'user', content: '[search] weather' }] }), 'search', 'web-search'],
    ["a route's name", chat({ model: 'think' }), 'deep', 'route'],
    [
      "a route's name with an image",
      chat({ model: 'think', messages: [{ role: 'user', content: [image] }] }),
      'sight',
      'image',
    ],
  ])('goes by intent: %s', async (_, asked, host, reason) => {
    expect(await ask(asked)).toMatchObject({ host, reason });
  });

  it.each<[string, Asked, string, string]>([
    ['an exact model', chat({ model: 'small-1', reasoning_effort: 'high' }), 'small', 'model'],
    ['provider,model', messages({ model: 'plain,plain-1' }, aside), 'plain', 'direct'],
    ['a preset in the URL', { ...chat({ reasoning_effort: 'high' }), preset: 'fixed' }, 'long', 'preset'],
  ])('does not where the client chose: %s', async (_, asked, host, reason) => {
    const bench = createGatewayBench({ ...config(), Presets: { fixed: { route: 'long,long-1' } } }, () =>
      Promise.resolve(replyWith(200, answer)),
    );
    await bench.ask(asked).done;
    expect(bench.calls[0]?.url).toContain(`${host}.test`);
    expect(bench.records[0]?.reason).toBe(reason);
  });

  it('skips a route whose provider is off, instead of losing the turn there', async () => {
    const asked = responses({ reasoning: { effort: 'high' } });
    expect(await ask(asked, {}, ['deep'])).toMatchObject({ host: 'plain', reason: 'unknown-model' });
  });

  it('goes to the default where the route is not configured', async () => {
    const { host, reason } = await ask(chat({ reasoning_effort: 'high' }), { think: undefined });
    expect([host, reason]).toEqual(['plain', 'default']);
  });

  it('does not send the search tag on, and keeps it where there is no route for it', async () => {
    const tagged = chat({ messages: [{ role: 'user', content: '[search] weather' }] });
    expect((await ask(tagged)).sent).toContain('"content":"weather"');
    const without = await ask(tagged, { webSearch: undefined });
    expect(without).toMatchObject({ host: 'plain', reason: 'default' });
    expect(without.sent).toContain('[search] weather');
  });

  it('is recorded with its class and what decided it', async () => {
    const hints = { 'x-claude-code-request-class': 'subagent', 'x-claude-code-agent-type': 'Explore' };
    expect((await ask(messages({}, hints))).record?.intent).toEqual({
      class: 'subagent',
      agentType: 'Explore',
      searchesWeb: false,
      hasImage: false,
      thinks: false,
    });
  });

  it('can choose no provider outside the config by a header', async () => {
    const { host } = await ask(messages({}, { 'x-claude-code-request-class': 'elsewhere,model' }));
    expect(host).toBe('plain');
  });
});

describe('a compaction of Claude Code', () => {
  const compaction = { messages: [{ role: 'user', content: 'Your task is to create a detailed summary of this.' }] };
  it.each([
    ['with hint headers', {}, { 'x-claude-code-request-class': 'compaction' }],
    ['without', compaction, {}],
  ])('stays with the target of its conversation, %s', async (_, body, headers) => {
    let failed = false;
    const bench = createGatewayBench(config({ think: 'deep,deep-1' }), ({ url }) => {
      // The default target fails once, so that another one answers the conversation.
      if (failed || !url.includes('plain')) return Promise.resolve(replyWith(200, answer));
      failed = true;
      return Promise.resolve(replyWith(401, { error: { message: 'no' } }));
    });
    const metadata = { user_id: 'user_session_1' };
    await bench.ask(messages({ metadata })).done;
    await bench.clock.advance(3_600_000);
    await bench.ask(messages({ ...body, metadata }, headers)).done;
    expect(bench.records.map(({ reason }) => reason)).toEqual(['unknown-model', 'compaction']);
    expect(new URL(bench.calls.at(-1)?.url ?? '').hostname).toBe('deep.test');
  });
});
