import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../support/otlpReceiver.ts';
import { always, chatScript, sequence, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { providerEntry, startGateway, upstreamKey, type Gateway } from './gateway.ts';

const headerSecret = 'the-token-of-the-collector';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'vendor=1' };

let standIn: StandIn;
let receiver: OtlpReceiver;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  standIn = await startStandIn({ provider: 'openai-chat', script: chatScript(), apiKey: upstreamKey });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  standIn.play(chatScript({ reasoning: '', text: 'Hello' }));
  receiver = await startOtlpReceiver();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await receiver.close();
});

async function start(environment: Record<string, string>): Promise<Gateway> {
  const gateway = await startGateway(
    {
      Providers: [providerEntry('one', standIn, ['m'])],
      Router: { default: 'one,m', tierRetries: { one: { max_retries: 1, base_backoff_ms: 1, max_backoff_ms: 2 } } },
    },
    environment,
  );
  cleanups.push(gateway.stop);
  return gateway;
}

async function ask(gateway: Gateway, headers: Record<string, string> = {}): Promise<number> {
  const messages = [{ role: 'user', content: 'A prompt of the user' }];
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'one,m', stream: true, messages }),
  });
  await response.text();
  return response.status;
}

const to = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '10' });

/** Ends the gateway, which sends what is left. */
const flush = async (gateway: Gateway): Promise<void> => {
  cleanups.splice(cleanups.indexOf(gateway.stop), 1);
  await gateway.stop();
};

const serverSpan = () => receiver.spans.find(({ kind }) => kind === 2) as ReceivedSpan;
const attemptSpans = () => receiver.spans.filter(({ kind }) => kind === 3);

it.each([
  ['http/protobuf', 'none', 'application/x-protobuf'],
  ['http/json', 'gzip', 'application/json'],
])(
  'a request is a span that joins the trace of the client, with its attempts below it (%s, %s)',
  async (protocol, compression, type) => {
    standIn.play(sequence(always({ kind: 'refuse', status: 500 }), always(turn({ text: 'Hello' }))));
    const gateway = await start({
      ...to(receiver.url),
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${headerSecret}`,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const before = standIn.requests.length;
    expect(await ask(gateway, parent)).toBe(200);
    await flush(gateway);

    expect(receiver.problems).toEqual([]);
    expect(receiver.requests.every(({ headers }) => headers['content-type'] === type)).toBe(true);
    expect(receiver.requests.every(({ headers }) => headers['x-api-key'] === headerSecret)).toBe(true);
    expect(receiver.resources[0]).toMatchObject({ 'service.name': 'ccr', 'deployment.environment.name': 'test' });
    const request = serverSpan();
    expect(request).toMatchObject({ name: 'POST /v1/chat/completions', traceId, parentSpanId: 'b7ad6b7169203331' });
    expect(request.attributes).toMatchObject({ 'ccr.attempts': 2, 'ccr.tier': 'one', 'ccr.requested_model': 'one,m' });
    const [failed, answered] = attemptSpans();
    expect(attemptSpans()).toHaveLength(2);
    for (const attempt of [failed, answered]) {
      expect(attempt).toMatchObject({ name: 'chat m', traceId, parentSpanId: request.spanId });
      expect(attempt?.attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'one',
        'gen_ai.request.model': 'm',
        'server.address': '127.0.0.1',
        'server.port': standIn.port,
      });
    }
    expect(failed).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'upstream' } });
    expect(answered?.attributes).toMatchObject({
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.request.stream': true,
    });
    expect(answered?.attributes['gen_ai.usage.input_tokens']).toBeGreaterThan(0);
    // The provider, which is on this machine, gets the attempt's own place in the trace.
    const sent = standIn.requests.slice(before).map(({ headers }) => headers['traceparent']);
    expect(sent).toEqual([failed, answered].map((attempt) => `00-${traceId}-${attempt?.spanId}-01`));
    expect(standIn.requests.at(-1)?.headers['tracestate']).toBe('vendor=1');
    expect(gateway.output()).not.toContain(headerSecret);
    for (const { text } of receiver.requests) expect(text).not.toContain('A prompt of the user');
  },
);

it('what is said is sent if the user asks for it, without keys', async () => {
  const planted = 'the-key-of-the-client';
  const gateway = await start({ ...to(receiver.url), OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'span_only' });
  const messages = [
    { role: 'system', content: `Be brief. ${upstreamKey}` },
    { role: 'user', content: `My keys are ${planted} and sk-proj-1234567890abcdefghijklmnop.` },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'run', arguments: `{"token":"${upstreamKey}"}` } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'Done.' },
  ];
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${planted}` },
    body: JSON.stringify({
      model: 'one,m',
      messages,
      tools: [{ type: 'function', function: { name: 'run', parameters: { type: 'object', properties: {} } } }],
    }),
  });
  expect(response.status, await response.text()).toBe(200);
  await flush(gateway);
  expect(receiver.problems).toEqual([]);
  const { attributes } = attemptSpans()[0] as ReceivedSpan;
  const said = (name: string) => JSON.parse(String(attributes[`gen_ai.${name}`])) as unknown;
  expect(said('system_instructions')).toEqual([{ type: 'text', content: 'Be brief. [key]' }]);
  expect(said('input.messages')).toMatchObject([
    { role: 'user', parts: [{ type: 'text', content: expect.stringMatching(/^My keys are \[key\] and /) as string }] },
    { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'run', arguments: '{"token":"[key]"}' }] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: [{ type: 'text', content: 'Done.' }] }] },
  ]);
  expect(said('output.messages')).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finish_reason: 'stop' },
  ]);
  for (const { text } of receiver.requests)
    for (const key of [planted, upstreamKey, 'sk-proj-1234567890abcdefghijklmnop']) expect(text).not.toContain(key);
  expect(gateway.output()).not.toContain('Be brief');
});

it('nothing is sent, and the trace is passed on as it came, unless an endpoint is named', async () => {
  const gateway = await start({ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', OTEL_SERVICE_NAME: 'named' });
  await ask(gateway, parent);
  expect(standIn.requests.at(-1)?.headers).toMatchObject(parent);
  const off = await start({ ...to(receiver.url), OTEL_SDK_DISABLED: 'true' });
  await ask(off);
  await flush(off);
  expect(receiver.requests).toEqual([]);
});

it('a trace that the client does not sample is not sent, but goes on', async () => {
  const gateway = await start({ ...to(receiver.url), OTEL_METRICS_EXPORTER: 'none' });
  await ask(gateway, { traceparent: parent.traceparent.replace(/01$/, '00') });
  await flush(gateway);
  expect(receiver.requests).toEqual([]);
  expect(standIn.requests.at(-1)?.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
});

it.each([
  ['refuses', () => receiver.answerWith(403), 'HTTP 403'],
  ['is not there', () => receiver.close(), 'ECONNREFUSED'],
])('a collector that %s is no matter of a request, and is said once', { timeout: 90_000 }, async (_, fail, reason) => {
  const { url } = receiver;
  await fail();
  const gateway = await start({ ...to(url), OTEL_EXPORTER_OTLP_TIMEOUT: '100', OTEL_METRICS_EXPORTER: 'none' });
  for (let count = 0; count < 20; count++) {
    expect(await ask(gateway)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await flush(gateway);
  const lines = gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('OpenTelemetry'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`warn OpenTelemetry: traces can't be sent to ${url} (${reason}).`);
});

it('what can not be used of the variables is said', async () => {
  const gateway = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `grpc://user:${headerSecret}@host`,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  expect(await ask(gateway)).toBe(200);
  expect(gateway.output()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT: no http or https URL, so traces are not sent.');
  expect(gateway.output()).toContain('use "http/protobuf" or "http/json"; metrics are not sent.');
  expect(gateway.output()).not.toContain(headerSecret);
});
