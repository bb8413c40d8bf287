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

function start(streamed: boolean) {
  let answer = '';
  const bench = createGatewayBench(wiresConfig, () =>
    Promise.resolve(
      streamed
        ? streamedText('openai-chat', answer.match(/[^]{1,4}/g) ?? [])
        : replyWith(200, { choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }] }),
    ),
  ); // prettier-ignore
  return async (client: (typeof dialectIds)[number], text: string, more: object = {}) => {
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
