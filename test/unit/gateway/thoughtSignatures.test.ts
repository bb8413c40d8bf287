import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { objectsIn } from '../../../src/providers/bodyEdits.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { playStandIn } from '../../support/playStandIn.ts';
import { gemini } from '../../upstream/providers/gemini.ts';
import type { SentTurn } from '../../upstream/profile.ts';
import { turn } from '../../upstream/scripts.ts';
import type { Script } from '../../upstream/turn.ts';

const url = 'https://generativelanguage.googleapis.com/v1beta/openai';
const config = {
  Providers: [
    { name: 'gemini', api_base_url: url, models: ['gemini-3-pro', 'gemini-3-flash'] },
    { name: 'other', api_base_url: 'http://other.test/v1', models: ['some-model'] },
  ],
  Router: { default: 'gemini,gemini-3-pro', tierRetries: { 'tier-0': { max_retries: 0 } } },
};
const anySignature = 'skip_thought_signature_validator';
const user = { role: 'user', content: 'Go' };
const tools = [
  {
    type: 'function',
    function: { name: 'ls', parameters: { type: 'object', properties: { path: { type: 'string' } } } },
  },
];

type Style = Parameters<typeof gemini>[0];

/** Makes two parallel calls, then answers. */
const twice: Script = ({ tools: [tool], toolResults }) =>
  tool === undefined || toolResults.length > 0
    ? turn({ reasoning: 'I have both.', text: 'Done.' })
    : turn({ reasoning: 'Both.', calls: ['a', 'b'].map((path) => ({ tool, input: JSON.stringify({ path }) })) });

function provider(style?: Style, sentBefore: SentTurn[] = []) {
  const { answer, sent } = playStandIn(gemini(style), twice, sentBefore);
  return { bench: createGatewayBench(config, answer), sent };
}

async function ask(
  bench: ReturnType<typeof provider>['bench'],
  messages: JsonObject[],
  model = 'gemini-3-pro',
  stream = false,
) {
  const { done, received } = bench.ask({ dialect: 'openai-chat', body: { model, messages, tools, stream } });
  await done;
  expect(received.status, received.text).toBe(200);
  return received.text;
}

function answered(message: JsonObject): JsonObject[] {
  const results = objectsIn(message['tool_calls']).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'x' }));
  return [user, message, ...results];
}

function messageIn(text: string): JsonObject {
  return (JSON.parse(text) as { choices: { message: JsonObject }[] }).choices[0]?.message ?? {};
}

/** The signatures of the calls in the last request to the provider. */
function signaturesSent(bench: ReturnType<typeof provider>['bench']): unknown[] {
  const { messages } = JSON.parse(bench.calls.at(-1)?.body ?? '') as { messages: JsonObject[] };
  return messages
    .flatMap(({ tool_calls: calls }) => objectsIn(calls))
    .map((call) => (call['extra_content'] as { google: JsonObject } | undefined)?.google['thought_signature']);
}

const withoutExtra = (message: JsonObject): JsonObject =>
  JSON.parse(
    JSON.stringify(message, (key, value: unknown) => (key === 'extra_content' ? undefined : value)),
  ) as JsonObject;

describe('a thought signature', () => {
  it.each<[string, Style]>([
    ['with its call', { signature: 'call' }],
    ['later', { signature: 'later' }],
    ['beside the message', { signature: 'message' }],
  ])('that came %s is restored on the first call after the client dropped it', async (_when, style) => {
    const { bench, sent } = provider(style);
    const message = withoutExtra(messageIn(await ask(bench, [user])));
    await ask(bench, answered(message));
    expect(signaturesSent(bench)).toEqual([sent[0]?.proof, undefined]);
  });

  it('survives a lost memory with a client that sends back what it got', async () => {
    const first = provider();
    const message = messageIn(await ask(first.bench, [user]));
    expect(objectsIn(message['tool_calls'])[0]).toHaveProperty(
      'extra_content.google.thought_signature',
      first.sent[0]?.proof,
    );
    const later = provider({}, first.sent);
    await ask(later.bench, answered(message));
    expect(signaturesSent(later.bench)).toEqual([first.sent[0]?.proof, undefined]);
  });

  it('is in the stream, with the delta that starts the call', async () => {
    const { bench, sent } = provider();
    const text = await ask(bench, [user], 'gemini-3-pro', true);
    const deltas = [...text.matchAll(/^data: (\{.*)$/gm)].map(
      ([, json = '']) => (JSON.parse(json) as { choices: { delta: JsonObject }[] }).choices[0]?.delta ?? {},
    );
    const [first, second] = deltas
      .flatMap(({ tool_calls: calls }) => objectsIn(calls))
      .filter(({ id }) => id !== undefined);
    expect(first).toHaveProperty('extra_content.google.thought_signature', sent[0]?.proof);
    expect(second).not.toHaveProperty('extra_content');
  });

  it('of another model of the same host is not sent', async () => {
    const { bench } = provider();
    const message = messageIn(await ask(bench, [user]));
    await ask(bench, answered(message), 'gemini-3-flash');
    expect(signaturesSent(bench)).toEqual([anySignature, undefined]);
    expect(bench.calls).toHaveLength(2);
  });

  it('that the provider calls corrupted is left out of the next attempt', async () => {
    const { bench } = provider();
    const call = { id: 'a', type: 'function', function: { name: 'ls', arguments: '{}' } };
    const old = {
      role: 'assistant',
      content: null,
      tool_calls: [{ ...call, extra_content: { google: { thought_signature: 'OLD' } } }],
    };
    await ask(bench, answered(old));
    expect(bench.calls.map(({ body }) => body.includes('OLD'))).toEqual([true, false]);
    expect(signaturesSent(bench)).toEqual([anySignature]);
  });

  it('is not sent to other providers', async () => {
    const { bench } = provider();
    const message = messageIn(await ask(bench, [user]));
    await bench.ask({ dialect: 'openai-chat', body: { model: 'some-model', messages: answered(message) } }).done;
    expect(bench.calls.at(-1)?.url).toContain('other.test');
    expect(bench.calls.at(-1)?.body).not.toContain('extra_content');
  });
});
