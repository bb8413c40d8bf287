// Names that every object inherits, and values that are too deep or too long, from clients and from providers.
import { afterEach, describe, expect, it } from 'vitest';
import { conversationKey } from '../../../src/reasoning/conversation.ts';
import { isTooDeep, mostLevels, parseJson } from '../../../src/canonical/json.ts';
import { Readable } from 'node:stream';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { missingValues } from '../../../src/dialects/jsonFields.ts';
import type { RequestRecord } from '../../../src/gateway/record.ts';
import { createWarnings } from '../../../src/gateway/warnings.ts';
import { createLog } from '../../../src/observe/log.ts';
import { readJsonBody } from '../../../src/server/body.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { waysFor } from '../matrix/sampling.ts';

const inherited = [
  'constructor',
  'toString',
  '__proto__',
  'hasOwnProperty',
  'valueOf',
  'isPrototypeOf',
  '__defineGetter__',
];

const providers = {
  openai: 'https://chat.test/v1',
  responses: 'https://responses.test/v1',
  anthropic: 'https://messages.test/v1',
} as const;

const config = (protocol: string) => ({
  Providers: [
    { name: 'one', protocol, api_base_url: providers[protocol as 'openai'], api_key: 'key-of-one', models: ['m'] },
  ],
  Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
});

const answers = {
  openai: { id: 'c', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] },
  responses: {
    id: 'r',
    object: 'response',
    status: 'completed',
    output: [
      { type: 'message', id: 'x', role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] },
    ],
  },
  anthropic: {
    id: 'a',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
  },
} as const;

const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;

/** A request with a name at every place where a client chooses one. JSON.parse makes `__proto__` an own property. */
function bodyWith(name: string, dialect: (typeof dialects)[number]): object {
  const schema = `{"type":"object","properties":{"${name}":{"type":"string"}},"required":["${name}"],"${name}":1}`;
  const parameters = `"model":"${name}","${name}":{"a":1},"metadata":{"${name}":"x"},"top_k":1`;
  const call = `{\\"${name}\\":1}`;
  const texts = {
    'openai-chat': `{${parameters},"messages":[{"role":"user","content":"Hi","${name}":1},
      {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"${name}","arguments":"${call}"}}]},
      {"role":"tool","tool_call_id":"c1","content":"x"}],
      "tools":[{"type":"function","function":{"name":"${name}","parameters":${schema}}}]}`,
    'openai-responses': `{${parameters},"input":[{"role":"user","content":"Hi","${name}":1},
      {"type":"function_call","call_id":"c1","name":"${name}","arguments":"${call}"},
      {"type":"function_call_output","call_id":"c1","output":"x"}],
      "tools":[{"type":"function","name":"${name}","parameters":${schema}}]}`,
    'anthropic-messages': `{${parameters},"max_tokens":9,"messages":[{"role":"user","content":"Hi"},
      {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"${name}","input":{"${name}":1}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"x","${name}":1}]}],
      "tools":[{"name":"${name}","input_schema":${schema}}]}`,
  };
  return JSON.parse(texts[dialect]) as object;
}

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('a');
  expect(({} as Record<string, unknown>)['a']).toBeUndefined();
});

describe('a name that every object inherits', () => {
  it.each(inherited)('is a name like any other: %s', async (name) => {
    for (const protocol of ['openai', 'responses', 'anthropic'] as const) {
      for (const dialect of dialects) {
        const bench = createGatewayBench(config(protocol), () => Promise.resolve(replyWith(200, answers[protocol])));
        const { received, done } = bench.ask({ dialect, body: bodyWith(name, dialect) });
        await done;
        expect([protocol, dialect, received.status, bench.records[0]?.error?.message]).toEqual([
          protocol,
          dialect,
          200,
          undefined,
        ]);
      }
    }
  });

  it.each(inherited)('as a type is refused or passed on, and no defect: %s', async (name) => {
    for (const dialect of dialects) {
      for (const body of [
        { tool_choice: { type: name } },
        { tools: [{ type: name, name }] },
        { response_format: { type: name }, text: { format: { type: name } } },
        { reasoning: { effort: name }, reasoning_effort: name, thinking: { type: name } },
        { [name === '__proto__' ? 'stop' : name]: name },
      ]) {
        const bench = createGatewayBench(config('openai'), () => Promise.resolve(replyWith(200, answers.openai)));
        const asked = { messages: [{ role: 'user', content: 'Hi' }], input: 'Hi', max_tokens: 9, ...body };
        const { received, done } = bench.ask({ dialect, body: asked });
        await done;
        expect([dialect, body, bench.records[0]?.error?.kind]).not.toContain('internal');
        expect([200, 400]).toContain(received.status);
      }
    }
  });

  it.each(inherited)('in a reply is read like any other: %s', async (name) => {
    for (const dialect of dialects) {
      for (const protocol of ['openai', 'responses', 'anthropic'] as const) {
        const text = JSON.stringify(answers[protocol]).replace('{', `{"${name}":{"a":1},`).replace('"Hi"', `"${name}"`);
        const codes = `{"error":{"message":"No","code":"${name}","type":"${name}","${name}":1}}`;
        for (const [status, reply] of [
          [200, text],
          [400, codes],
          [200, codes],
        ] as const) {
          const bench = createGatewayBench(config(protocol), () =>
            Promise.resolve({ ...replyWith(status, reply), headers: { 'content-type': 'application/json' } }),
          );
          const { done } = bench.ask({
            dialect,
            body: { messages: [{ role: 'user', content: 'Hi' }], input: 'Hi', max_tokens: 9 },
          });
          await done;
          expect(bench.records[0]?.error?.kind).not.toBe('internal');
        }
      }
    }
  });
});

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('nesting', () => {
  it('is limited, without a stack overflow', () => {
    expect(parseJson(deep(mostLevels))).toBeDefined();
    expect(parseJson(deep(mostLevels + 1))).toBeUndefined();
    expect(parseJson(deep(1_000_000))).toBeUndefined();
    expect(isTooDeep(JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`))).toBe(true);
  });

  it.each([5000, 200_000])(
    'of %i levels in a reply is an error of the provider',
    async (levels) => {
      for (const [row, protocol] of (['openai', 'responses', 'anthropic'] as const).entries()) {
        for (const [column, dialect] of dialects.entries()) {
          const texts = [
            `{"a":${deep(levels)}}`,
            `data: {"choices":${deep(levels)}}\n\n`,
            `data: ${deep(levels)}\n\ndata: {"type":"response.completed","response":${deep(levels)}}\n\n`,
            JSON.stringify(answers[protocol]).replace('"Hi"', deep(levels)),
          ];
          const replies = texts.flatMap((text) => [200, 400].map((status) => ({ text, status })));
          for (const { text, status } of waysFor(replies, row, column)) {
            const bench = createGatewayBench(config(protocol), () => Promise.resolve(replyWith(status, text)));
            const body = { messages: [{ role: 'user', content: 'Hi' }], input: 'Hi', max_tokens: 9, stream: true };
            await bench.ask({ dialect, body }).done;
            expect(bench.records[0]?.error?.kind ?? 'none').not.toMatch(/^(internal|none)$/);
          }
        }
      }
    },
    60_000,
  );

  it('of 5000 levels in the arguments of a call is text', async () => {
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: `{"a":${deep(5000)}}` } };
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'x' },
    ];
    for (const protocol of ['openai', 'responses', 'anthropic'] as const) {
      const reply = { id: 'c', choices: [{ index: 0, message: { role: 'assistant', tool_calls: [call] } }] };
      const given = protocol === 'openai' ? reply : answers[protocol];
      for (const dialect of ['openai-chat', 'anthropic-messages'] as const) {
        const bench = createGatewayBench(config(protocol), () => Promise.resolve(replyWith(200, given)));
        const asked = dialect === 'openai-chat' ? messages : messages.slice(0, 1);
        await bench.ask({ dialect, body: { messages: asked, max_tokens: 9 } }).done;
        expect(bench.records[0]?.error?.kind).not.toBe('internal');
      }
    }
  });
});

describe('tables', () => {
  it('have no entry under an inherited name', async () => {
    for (const name of inherited) {
      const values = JSON.parse(`{"${name}":1}`) as JsonObject;
      expect(Object.keys(missingValues({}, values, { stop: ['stops'] }))).toEqual([name]);
      const request = Object.assign(Readable.from([Buffer.from('{}')]), { headers: { 'content-encoding': name } });
      await expect(readJsonBody(request)).rejects.toThrow(/Unknown content encoding/);
    }
  });
});

describe('warnings', () => {
  it('are bounded in number and length', () => {
    const warnings = createWarnings(createLog(() => 'error', () => undefined)); // prettier-ignore
    const record = {
      id: 'x',
      warnings: [] as string[],
      withoutPrompt: (text: string) => text,
    } as never as RequestRecord;
    for (let at = 0; at < 1000; at++) {
      warnings.warn(record, `${at} ${'x'.repeat(100_000)}`);
      warnings.warnOnce(record, `once ${at}`);
    }
    expect(record.warnings.length).toBe(50);
    expect(record.warnings.join('').length).toBeLessThan(60_000);
  });
});

describe('what a client names', () => {
  it('is refused as a model if it is too long, and kept out of records', async () => {
    for (const dialect of dialects) {
      const bench = createGatewayBench(config('openai'), () => Promise.resolve(replyWith(200, answers.openai)));
      const body = {
        model: 'm'.repeat(3_000_000),
        messages: [{ role: 'user', content: 'Hi' }],
        input: 'Hi',
        max_tokens: 9,
      };
      const { received, done } = bench.ask({ dialect, body });
      await done;
      expect(received.status).toBe(400);
      expect(received.text).toContain('model: longer than 512 characters');
      expect(received.text.length).toBeLessThan(1000);
      expect(JSON.stringify(bench.records).length).toBeLessThan(2000);
      expect(bench.logged.join('').length).toBeLessThan(1000);
    }
  });

  it('has no control characters in records and logs', async () => {
    const bench = createGatewayBench(config('openai'), () => Promise.resolve(replyWith(200, answers.openai)));
    const model = 'x\n2026 error forged\u001b[2J\u0000\u202e';
    const body = { model, messages: [{ role: 'user', content: 'Hi' }] };
    await bench.ask({ dialect: 'openai-chat', body }).done;
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect([bench.records[0]?.model, ...bench.logged].join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('makes no key of megabytes for the memory of conversations', () => {
    const request = { messages: [], metadata: { session_id: 'x'.repeat(1_000_000) }, cacheKey: 'y'.repeat(1_000_000) };
    const keys = [conversationKey(request as never), conversationKey({ ...request, metadata: undefined } as never)];
    expect(keys.map(({ length }) => length < 100)).toEqual([true, true]);
    expect(keys[0]).not.toBe(conversationKey({ ...request, metadata: { session_id: 'z'.repeat(1_000_000) } } as never));
  });

  it('causes few and short warnings', async () => {
    const bench = createGatewayBench(config('openai'), () => Promise.resolve(replyWith(200, answers.openai)));
    const odd = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`odd_${at}_${'x'.repeat(2000)}`, at + 1]));
    await bench.ask({
      dialect: 'anthropic-messages',
      body: { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9, ...odd },
    }).done;
    const { warnings = [] } = bench.records[0] ?? {};
    expect(warnings.length).toBeLessThanOrEqual(50);
    expect(warnings.join('').length).toBeLessThan(60_000);
  });

  it('is no label of a metric', async () => {
    const bench = createGatewayBench(config('openai'), () => Promise.resolve(replyWith(200, answers.openai)));
    const lines = async (): Promise<number> => (await bench.metrics.text()).split('\n').length;
    const ask = (model: string) =>
      bench.ask({ dialect: 'openai-chat', body: { model, messages: [{ role: 'user', content: 'Hi' }] } }).done;
    await ask('first');
    const before = await lines();
    for (let at = 0; at < 50; at++) await ask(`model-${at}`);
    expect(await lines()).toBe(before);
  });
});
