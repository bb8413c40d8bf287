// Whatever a client, a provider or a config file holds ends in a result or in an error for its reader, never in a defect.
// CCR_FUZZ=20 runs each property 20 times as often.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:net';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { dialectById } from '../../../src/dialects/registry.ts';
import { createLog } from '../../../src/observe/log.ts';
import { runGateway, type RunningGateway } from '../../../src/server/run.ts';
import { readRunFile } from '../../../src/control/runFiles.ts';
import { writeFrame, type SseFrame } from '../../../src/sse/frame.ts';
import { joinPieces } from '../../../src/sse/pieces.ts';
import { readFrames } from '../../../src/sse/readFrames.ts';
import { eachFrame } from '../../support/eachFrame.ts';
import { testSealer } from '../../support/testSealer.ts';

const factor = Number(process.env['CCR_FUZZ'] ?? 1);
const runs = (numRuns: number) => ({ seed: 11, numRuns: numRuns * factor });
/** Milliseconds. */
const patience = 20_000 * factor;

const oddNames = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'then', ''];

/** The fields that the readers look at, so that they get past the first check. */
const wireNames = [
  'model', 'messages', 'input', 'role', 'content', 'type', 'text', 'tools', 'function', 'name', 'parameters', 'arguments',
  'tool_calls', 'id', 'call_id', 'tool_choice', 'stream', 'max_tokens', 'thinking', 'reasoning', 'metadata', 'source', 'items',
  'input_schema', 'response_format', 'format', 'output', 'summary', 'image_url', 'url', 'file', 'data', 'system', 'stop',
] as const; // prettier-ignore
const wireTexts = [
  'user', 'assistant', 'system', 'tool', 'developer', 'text', 'input_text', 'output_text', 'function', 'custom', 'tool_use',
  'tool_result', 'function_call', 'function_call_output', 'reasoning', 'thinking', 'image', 'image_url', 'input_image', 'message',
  'json_schema', 'object', 'auto', 'required', 'any', 'none', 'item_reference', 'web_search', 'data:image/png;base64,AA==',
] as const; // prettier-ignore

const text = fc.oneof(fc.constantFrom(...wireTexts, ...oddNames), fc.string({ unit: 'binary', maxLength: 12 }));
const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...wireNames) }, fc.constantFrom(...oddNames), text);
const leaf = fc.oneof(text, text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const message = fc.record(
  { role: text, content: value, type: text, tool_calls: value, id: text },
  { requiredKeys: ['role'] },
);
const body = fc
  .tuple(
    fc.record(
      {
        model: text,
        messages: fc.array(fc.oneof(message, value), { maxLength: 4 }),
        input: fc.oneof(text, fc.array(fc.oneof(message, value), { maxLength: 4 })),
        max_tokens: fc.constantFrom(9, '9'),
        tools: value,
        tool_choice: value,
      },
      { requiredKeys: ['messages', 'input', 'max_tokens'] },
    ),
    value,
  )
  .map(([known, more]) => (typeof more === 'object' && !Array.isArray(more) ? { ...more, ...known } : known));

/** A request with parts of every common kind, for its dialect. */
const rich: Record<string, object> = {
  'openai-chat': {
    messages: [
      { role: 'system', content: 'a' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'b' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
      {
        role: 'assistant',
        content: 'c',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'd' }] },
    ],
    tools: [
      {
        type: 'function',
        function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'number' } } } },
      },
    ],
    tool_choice: { type: 'function', function: { name: 'f' } },
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
    metadata: { a: 'b' },
  },
  'openai-responses': {
    instructions: 'a',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'b' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
        ],
      },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'c' }], encrypted_content: 'x' },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: 'd' }] },
    ],
    tools: [
      { type: 'function', name: 'f', parameters: { type: 'object' } },
      { type: 'web_search' },
      { type: 'custom', name: 'g', format: { type: 'text' } },
    ],
    text: { format: { type: 'json_schema', name: 'x', schema: { type: 'object' } } },
    reasoning: { effort: 'high', summary: 'auto' },
  },
  'anthropic-messages': {
    max_tokens: 9,
    system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'b' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'c', signature: 'x' },
          { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'd' }] }] },
    ],
    tools: [
      { name: 'f', input_schema: { type: 'object' } },
      { type: 'web_search_20250305', name: 'web_search' },
    ],
    tool_choice: { type: 'tool', name: 'f' },
    thinking: { type: 'enabled', budget_tokens: 2000 },
  },
};

/** Replaces the `at`-th value within `json`, counted from 0 and around, or adds a field beside it. */
function changed(json: unknown, at: number, put: unknown, extra: string | undefined): unknown {
  let count = 0;
  const visit = (each: unknown): unknown => {
    if (count++ === at) return put;
    if (Array.isArray(each)) return each.map(visit);
    if (typeof each !== 'object' || each === null) return each;
    const isPlace = extra !== undefined && count === at;
    const entries = Object.entries(each).map(([key, inner]) => [key, visit(inner)] as const);
    return Object.fromEntries(isPlace ? [...entries, [extra, put] as const] : entries);
  };
  return visit(json);
}

describe('the readers of requests', () => {
  it.each((['openai-chat', 'openai-responses', 'anthropic-messages'] as const).map(dialectById))(
    'read or refuse any JSON: $id',
    (dialect) => {
      let read = 0;
      const change = fc.tuple(fc.nat(60), value, fc.option(name, { nil: undefined }));
      const mutant = fc
        .array(change, { minLength: 1, maxLength: 3 })
        .map((changes) => changes.reduce<unknown>((json, each) => changed(json, ...each), rich[dialect.id]));
      fc.assert(
        fc.property(fc.oneof({ weight: 5, arbitrary: mutant }, body, value), (json) => {
          try {
            dialect.writeRequest(dialect.readRequest(json, testSealer), 'm');
            read++;
          } catch (thrown) {
            if (!(thrown instanceof GatewayError) || thrown.kind === 'internal') throw thrown;
          }
        }),
        runs(400),
      );
      expect(read, 'some requests must be read').toBeGreaterThan(10);
    },
    patience,
  );
});

describe('the reader of event streams', () => {
  const frame: fc.Arbitrary<SseFrame> = fc.record({
    data: fc.string({ unit: 'binary', maxLength: 40 }).map((each) => each.replaceAll('\r', '')),
    event: fc.option(fc.constantFrom('message', 'error', 'ping'), { nil: undefined }),
  });

  it(
    'reads what the writer wrote, cut anywhere',
    () => {
      fc.assert(
        fc.property(
          fc.array(frame, { maxLength: 5 }),
          fc.array(fc.nat(30), { minLength: 1, maxLength: 9 }),
          (frames, cuts) => {
            const written = joinPieces(frames.flatMap(writeFrame));
            const found: SseFrame[] = [];
            const reader = readFrames(
              eachFrame((each) => found.push('comment' in each ? each : { event: each.event, data: each.data })),
            );
            for (let at = 0, turn = 0; at < written.length; turn++) {
              const size = 1 + (cuts[turn % cuts.length] ?? 0);
              reader.push(written.slice(at, at + size));
              at += size;
            }
            reader.end();
            expect(found).toEqual(frames);
          },
        ),
        runs(300),
      );
    },
    patience,
  );

  it(
    'takes any text',
    () => {
      const scrap = fc.constantFrom(
        'data:',
        'event:',
        ':',
        '\n',
        '\r',
        '\r\n',
        '{',
        '}',
        'retry: 1',
        'id: \0',
        '\ufeff',
      );
      fc.assert(
        fc.property(
          fc.array(fc.oneof(scrap, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 30 }),
          (parts) => {
            const reader = readFrames(() => undefined);
            for (const part of parts) reader.push(part);
            reader.end();
          },
        ),
        runs(500),
      );
    },
    patience,
  );
});

describe('the config', () => {
  const configNames = ['Providers', 'Router', 'Presets', 'Frontend', 'name', 'api_base_url', 'api_key', 'models', 'default', 'transformer', 'use', 'PORT', 'HOST', 'tierRetries', 'extra_headers'] as const; // prettier-ignore
  const configName = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...configNames) }, fc.constantFrom(...oddNames));
  const { config } = fc.letrec<{ config: unknown }>((tie) => ({
    config: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(fc.constantFrom('a', 'a,m', 'http://a.test/v1', '${A}', '$A', '${secret:a}', ...oddNames), leaf),
      fc.array(tie('config'), { maxLength: 3 }),
      fc.array(fc.tuple(configName, tie('config')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const load = (file: string): void => {
    const loaded = loadConfig({ environment: {}, homeDirectory: '/home/nobody', readFile: () => file });
    for (const problem of loaded.problems) expect(problem.message).not.toBe('');
    if (!loaded.usable) expect(loaded.problems.some(({ severity }) => severity === 'error')).toBe(true);
  };

  it(
    'loads or has problems, with any text',
    () => {
      const provider = { name: 'a', api_base_url: 'http://a.test/v1', models: ['m'] };
      const whole = fc.record({ Providers: fc.oneof(config, fc.tuple(fc.constant(provider), config)), Router: fc.oneof(config, fc.record({ default: fc.constant('a,m'), x: config })), Presets: config, Frontend: config }); // prettier-ignore
      const files = fc.oneof(
        whole.map((each) => JSON.stringify(each)),
        config.map((each) => JSON.stringify(each) ?? ''),
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.tuple(whole, fc.nat(), fc.string({ maxLength: 3 })).map(([each, at, scrap]) => {
          const json = JSON.stringify(each);
          return json.slice(0, at % json.length) + scrap + json.slice(at % json.length);
        }),
      );
      fc.assert(fc.property(files, load), runs(400));
    },
    patience,
  );

  it.each([500, 5000, 200_000])('has a problem if it has %i levels', (levels) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['/**/[', ']'],
    ] as const)
      load(`{"Providers":${open.repeat(levels)}1${close.repeat(levels)}}`);
    load('['.repeat(levels));
  });
});

describe('a running gateway', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-fuzz-'));
  const logged: string[] = [];
  let gateway: RunningGateway;
  let control = '';
  beforeAll(async () => {
    const log = createLog(() => 'info', (_, line) => logged.push(line)); // prettier-ignore
    gateway = await runGateway({ environment: {}, homeDirectory: home, version: '1', overrides: { port: 0 }, log });
    control = readRunFile(home, gateway.port)?.token ?? '';
  });
  afterAll(async () => {
    await gateway.stop(0);
    rmSync(home, { recursive: true, force: true });
  });

  /** Resolves when the gateway has answered or has closed the connection, or after a while: it may wait for more. */
  function send(bytes: Uint8Array): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(gateway.port, '127.0.0.1');
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
        if (answer.includes('\r\n\r\n')) socket.destroy();
      });
      socket.on('error', () => undefined).on('close', () => resolve(answer));
      socket.setTimeout(30, () => socket.destroy());
      socket.write(bytes);
    });
  }

  const isUp = async (): Promise<void> => expect((await fetch(`${gateway.url}/health`)).status).toBe(200);

  it(
    'survives any bytes',
    async () => {
      const scrap = fc.constantFrom('GET ', 'POST ', '/v1/responses', '/ccr/state', ' HTTP/1.1\r\n', 'Host: 127.0.0.1\r\n', 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', '\r\n', '5\r\n', '{"a":', '%00', '?', '//', '\0', 'Upgrade: websocket\r\nConnection: upgrade\r\n', 'Content-Encoding: gzip\r\n'); // prettier-ignore
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc
          .array(fc.oneof(scrap, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 14 })
          .map((parts) => Buffer.from(parts.join(''))),
      );
      await fc.assert(fc.asyncProperty(bytes, async (each) => {
      expect(await send(each)).not.toMatch(/^HTTP\/1\.1 500/);
    }), runs(60)); // prettier-ignore
      await isUp();
    },
    patience,
  );

  it(
    'answers any request with a status that says what is wrong',
    async () => {
      const part = fc.oneof(fc.constantFrom('v1', 'ccr', 'w', 'preset', 'responses', 'models', 'state', 'scopes', '..', '%2f', '%', '%ff', ...oddNames), fc.webSegment()); // prettier-ignore
      const asked = fc.record({
        method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'),
        parts: fc.array(part, { maxLength: 5 }),
        json: value,
      });
      await fc.assert(fc.asyncProperty(asked, async ({ method, parts, json }) => {
      const url = `${gateway.url}/${parts.map((each) => each.replaceAll(/[?#]/g, '')).join('/')}`;
      const hasBody = method !== 'GET' && method !== 'HEAD';
      const answer = await fetch(url, { method, headers: { 'content-type': 'application/json' }, ...(hasBody && { body: JSON.stringify(json) }) });
      expect([url, answer.status]).not.toEqual([url, 500]);
      await answer.arrayBuffer();
    }), runs(100)); // prettier-ignore
      await isUp();
    },
    patience,
  );

  it(
    'takes or refuses any body at the control API',
    async () => {
      const calls = fc.constantFrom(
        'PUT /ccr/scopes/x',
        'PUT /ccr/secrets',
        'POST /ccr/check',
        'POST /ccr/models',
        'POST /ccr/reload',
      );
      const asked = fc.oneof(
        value,
        fc.record({ preset: text, route: text, provider: value, key: text }, { requiredKeys: [] }),
      );
      await fc.assert(fc.asyncProperty(calls, asked, async (call, json) => {
      const [method = '', at = ''] = call.split(' ');
      const headers = { authorization: `Bearer ${control}` };
      const answer = await fetch(gateway.url + at, { method, headers, body: JSON.stringify(json) ?? '' });
      expect([call, [200, 400, 404].includes(answer.status), answer.status]).toEqual([call, true, answer.status]);
      await answer.arrayBuffer();
    }), runs(100)); // prettier-ignore
      await isUp();
    },
    patience,
  );

  it('has logged no defect and no line of another', () => {
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    for (const line of logged) expect(line).not.toMatch(/CCR failed|[\u0000-\u001f]/);
  });
});
