import { expect, it } from 'vitest';
import { askWeather, dialectIds, streamedText, wiresConfig } from '../../support/callWires.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const stray = 'The user greets me.\n</think>\n\nHello.';
const clean = 'Hello again.';
const ways = dialectIds.flatMap((client) => [true, false].map((streamed) => ({ client, streamed })));

/** The answer's text in a client's stream, without reasoning. */
function streamedAnswer(stream: string): string {
  const events = stream.split('\n').flatMap((line) => /^data: (\{.*)$/.exec(line)?.[1] ?? []);
  return events.map((event) => textOf(JSON.parse(event))).join('');
}

type StreamEvent = {
  type?: string;
  delta?: string | { text?: string };
  choices?: { delta: { content?: string } }[];
};

function textOf({ type, delta, choices }: StreamEvent): string {
  if (choices) return choices[0]?.delta.content ?? '';
  if (type === 'response.output_text.delta') return String(delta);
  return typeof delta === 'object' ? (delta.text ?? '') : '';
}

function start(streamed: boolean, config: object = wiresConfig, reloaded?: object) {
  let answer = '';
  const bench = createGatewayBench(config, () =>
    Promise.resolve(
      streamed
        ? streamedText('openai-chat', answer.match(/[^]{1,4}/g) ?? [])
        : replyWith(200, { choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }] }),
    ),
  ); // prettier-ignore
  return async (client: (typeof dialectIds)[number], text: string, more: object = {}) => {
    if (reloaded && answer !== '') bench.reload(reloaded);
    answer = text;
    const body = { ...askWeather(client, 'openai-chat', streamed), ...more };
    const { done, received } = bench.ask({ dialect: client, body });
    await done;
    return {
      text: streamed ? streamedAnswer(received.text) : received.text,
      warnings: bench.records.at(-1)?.warnings ?? [],
    };
  };
}

it.each(ways)('a closing tag alone turns the implied opener on for $client, streamed: $streamed', async (way) => {
  const ask = start(way.streamed);
  const first = await ask(way.client, stray);
  expect(first.text).toContain('</think>');
  expect(first.warnings.join()).toContain('without its opening tag');
  const second = await ask(way.client, stray);
  expect(second.text).not.toContain('</think>');
  expect(second.warnings).toEqual([]);
  const third = await ask(way.client, clean);
  expect(third.warnings.join()).toContain('shown as thinking first');
  const fourth = await ask(way.client, clean);
  expect(fourth.text.split(clean)).toHaveLength(2);
  expect(fourth.warnings).toEqual([]);
});

it.each([
  { reasoning_effort: 'none' },
  { thinking: { type: 'disabled' } },
  { enable_thinking: false },
  { chat_template_kwargs: { enable_thinking: false } },
])('with thinking off by %j, text stays text', async (off) => {
  const ask = start(true);
  await ask('openai-chat', stray);
  const { text, warnings } = await ask('openai-chat', clean, off);
  expect(text.split(clean)).toHaveLength(2);
  expect(warnings).toEqual([]);
  const on = await ask('openai-chat', stray);
  expect(on.text).not.toContain('</think>');
});

it.each(['Use `</think>` here.', 'The </think> tag ends it.', '```\n</think>\n```', 'See <think> and </think>.'])(
  'talk about tags teaches nothing: %j',
  async (talk) => {
    const ask = start(true);
    expect((await ask('openai-chat', talk)).warnings).toEqual([]);
    expect((await ask('openai-chat', clean)).text.split(clean)).toHaveLength(2);
  },
);

it('a stray closing tag at the beginning teaches nothing', async () => {
  const ask = start(true);
  expect((await ask('openai-chat', '</think>\n\nHello.')).warnings).toEqual([]);
  expect(await ask('openai-chat', clean)).toEqual({ text: clean, warnings: [] });
});

it('a quoted closing tag ends no thinking whose opener is assumed to be missing', async () => {
  const ask = start(true);
  await ask('openai-chat', stray);
  const { text } = await ask('openai-chat', 'Not `</think>` yet.\n</think>\n\nHello.');
  expect(text).toBe('Hello.');
});

it('what was learnt of one URL does not count for another under the same name', async () => {
  const elsewhere = { ...wiresConfig, Providers: wiresConfig.Providers.map((each) => ({ ...each, api_base_url: 'http://other.test/v1' })) }; // prettier-ignore
  const ask = start(true, wiresConfig, elsewhere);
  await ask('openai-chat', stray);
  expect(await ask('openai-chat', clean)).toEqual({ text: clean, warnings: [] });
});

const glm = { name: 'openai-chat', protocol: 'openai', models: ['m', 'glm-4.7-flash'] };
const glmRouter = { ...wiresConfig.Router, default: 'openai-chat,glm-4.7-flash' };

it.each(['http://127.0.0.1:1234/v1', 'http://127.0.0.1:11434/v1', 'https://dashscope.aliyuncs.com/compatible-mode/v1'])(
  'a clean answer turns off what is known of the model at %s, with a warning',
  async (url) => {
    const ask = start(true, { Providers: [{ ...glm, api_base_url: url }], Router: glmRouter });
    const model = { model: 'openai-chat,glm-4.7-flash' };
    const first = await ask('openai-chat', stray, model);
    expect(first).toEqual({ text: 'Hello.', warnings: [] });
    const second = await ask('openai-chat', clean, model);
    expect(second.text).toBe(clean);
    expect(second.warnings.join()).toContain('shown as thinking first');
    expect(await ask('openai-chat', clean, model)).toEqual({ text: clean, warnings: [] });
  },
);

it('what the user says of the opening tag is not unlearnt', async () => {
  const transformer = { use: [['thinktag', { implied_opener: true }]] };
  const provider = { ...glm, transformer, api_base_url: 'http://provider.test/v1' };
  const ask = start(true, { Providers: [provider], Router: { ...wiresConfig.Router, default: 'openai-chat,m' } });
  await ask('openai-chat', clean);
  expect(await ask('openai-chat', stray)).toEqual({ text: 'Hello.', warnings: [] });
});
