import { describe, expect, it } from 'vitest';
import { createPromptFilter } from '../../../src/gateway/promptFilter.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { toRequestView } from '../../../src/server/stateView.ts';

const prompt = 'My salary is 91,250 and my doctor is called Bartholomew.';

const spoken = 'She said "no"\n"not now"\n\tand "never"';

describe('createPromptFilter', () => {
  const filter = createPromptFilter({
    model: 'some-very-long-model-name',
    messages: [
      { role: 'user', content: prompt },
      { role: 'user', content: spoken },
      { role: 'user', content: [{ type: 'text', text: 'tiny secret' }] },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', name: 'read_a_long_tool_name', input: { name: 'in the input of a call' } }],
      },
    ],
  });

  it.each([
    ['a whole prompt', `Refused: ${prompt}`, 'Refused: [prompt]'],
    ['a part', 'Refused: "salary is 91,250 and" is private', 'Refused: "[prompt]" is private'],
    ['each of two parts', '<My salary is 91,250>|<called Bartholomew.>', '<[prompt]>|<[prompt]>'],
    ['the whole of a short one', 'Refused: tiny secret!', 'Refused: [prompt]!'],
    ['a prompt in JSON in JSON', JSON.stringify({ a: JSON.stringify(spoken) }), '{"a":"\\"[prompt]\\""}'],
    ['what a call was made with', 'Refused: in the input of a call', 'Refused: [prompt]'],
  ])('removes %s', (_, text, expected) => {
    expect(filter(text)).toBe(expected);
  });

  const chinese = '我的工资是九万一千，我的医生叫巴塞洛缪😀，请不要告诉别人。';
  /** As Python's json.dumps writes it. */
  const dumped = (text: string): string =>
    JSON.stringify(text).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

  it.each([
    ['once', dumped(chinese), '"[prompt]"'],
    ['in JSON in JSON', dumped(dumped(chinese)), String.raw`"\"[prompt]\""`],
    ['in capital letters', dumped(chinese).replaceAll(/[a-f]/g, (each) => each.toUpperCase()), '"[prompt]"'],
    [
      'beside others',
      `${dumped('拒绝：')} ${dumped(chinese.slice(0, 18))} \\u00e9`,
      `${dumped('拒绝：')} "[prompt]" \\u00e9`,
    ],
  ])('removes what is written in codes: %s', (_, text, expected) => {
    expect(createPromptFilter({ input: chinese })(text)).toBe(expected);
  });

  it('removes the codes of line ends', () => {
    const lines = `${chinese.slice(0, 9)}\n${chinese.slice(9)}`;
    const written = dumped(lines).replace(String.raw`\n`, String.raw`\u000a`);
    expect(createPromptFilter({ input: lines })(written)).toBe('"[prompt]"');
  });

  it('removes codes that the prompt itself has, and keeps others', () => {
    const written = String.raw`const word = "\u4e2d\u6587"; // \u005c`;
    expect(createPromptFilter({ input: written })(JSON.stringify(written))).toBe('"[prompt]"');
    expect(filter(String.raw`\u4e2d \u005c \u12 \\u`)).toBe(String.raw`\u4e2d \u005c \u12 \\u`);
  });

  it('removes every run of 16 characters at whatever place', () => {
    for (let start = 0; start + 16 <= prompt.length; start++) {
      const rest = filter(`<${prompt.slice(start, start + 16)}>`);
      expect(rest).toBe('<[prompt]>');
    }
  });

  it('keeps words, and the names of models and tools', () => {
    for (const text of ['My salary is what?', 'No some-very-long-model-name here', 'Unknown: read_a_long_tool_name'])
      expect(filter(text)).toBe(text);
  });

  it('bounds the text, and drops encoded data', () => {
    expect(filter('a b '.repeat(10_000)).length).toBeLessThan(2100);
    expect(filter(`image ${'QUJD'.repeat(100)}== is bad`)).toBe('image [data] is bad');
  });

  it('ends soon, whatever is repeated', () => {
    const repeated = createPromptFilter({ input: ` ${'ab'.repeat(2_000_000)}`, more: 'ab '.repeat(100_000) });
    expect(repeated('ab '.repeat(600))).toBe('[prompt]');
    expect(repeated(`x${'ab'.repeat(50)}y`)).toBe('x[prompt]y');
  });
});

const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', api_key: 'key-of-provider-one', models: ['m'] },
    { name: 'two', api_base_url: 'http://two.test/v1', api_key: 'key-of-provider-two', models: ['m'] },
  ],
  Router: { default: 'one,m', fallbacks: ['two,m'], tierRetries: { 'tier-0': { max_retries: 0 } } },
};

const asks = [
  ['openai-chat', { messages: [{ role: 'user', content: prompt }] }],
  ['openai-responses', { input: prompt }],
  ['openai-responses', { input: [{ role: 'user', content: [{ type: 'input_text', text: prompt }] }] }],
  ['anthropic-messages', { messages: [{ role: 'user', content: prompt }], max_tokens: 9 }],
] as const;

describe('a prompt that a provider quotes', () => {
  const quoting = { error: { message: `Bad words in "${prompt}" by policy`, code: 'policy' } };
  const seen = (bench: ReturnType<typeof createGatewayBench>): string =>
    [...bench.logged, JSON.stringify(bench.records.map((record) => toRequestView(record, () => undefined)))].join('\n');

  it.each([400, 401, 403, 404, 429, 500])('in an error %i reaches the client, and no log or record', async (status) => {
    for (const [dialect, body] of asks) {
      for (const stream of [true, false]) {
        const bench = createGatewayBench(config, () => Promise.resolve(replyWith(status, quoting)));
        const { done, received } = bench.ask({ dialect, body: { ...body, stream } });
        await done;
        expect(received.text).toContain('91,250');
        expect(seen(bench)).not.toMatch(/91,250|Bartholomew/);
        expect(seen(bench)).toContain('Bad words in');
      }
    }
  });

  it('in a stream, after its first content, reaches no log or record', async () => {
    for (const [dialect, body] of asks) {
      const text = `${chatChunk({ content: 'Well' })}data: ${JSON.stringify(quoting)}\n\n`;
      const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, text)));
      const { done, received } = bench.ask({ dialect, body: { ...body, stream: true } });
      await done;
      expect(received.text).toContain('91,250');
      expect(seen(bench)).not.toMatch(/91,250|Bartholomew/);
    }
  });

  it('in a frame that can not be read reaches no warning', async () => {
    const text = `data: ${prompt}\n\n${chatChunk({ content: 'Well' })}${chatChunk({}, 'stop')}data: [DONE]\n\n`;
    for (const [dialect, body] of asks) {
      const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, text)));
      await bench.ask({ dialect, body: { ...body, stream: true } }).done;
      expect(seen(bench)).toContain("can't be read");
      expect(seen(bench)).not.toMatch(/91,250|Bartholomew/);
    }
  });
});
