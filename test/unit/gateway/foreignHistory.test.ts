import { describe, expect, it } from 'vitest';
import { lostSummary } from '../../../src/canonical/compaction.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { sealReasoning } from '../../../src/reasoning/envelopes.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { testSealer } from '../../support/testSealer.ts';

const config = {
  Providers: [
    { name: 'first', api_base_url: 'http://first.test/v1', models: ['a'], protocol: 'responses' },
    { name: 'second', api_base_url: 'http://second.test/v1', models: ['b'], protocol: 'responses' },
    { name: 'openai', api_base_url: 'https://api.openai.com/v1', models: ['gpt'], protocol: 'responses' },
    { name: 'anthropic', api_base_url: 'https://api.anthropic.com/v1', models: ['claude-x'], protocol: 'anthropic' },
    { name: 'deepseek', api_base_url: 'http://deepseek.test/v1', models: ['d'] },
  ],
  Router: { default: 'first,a', tierRetries: { 'tier-0': { max_retries: 0 } } },
};

const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go' }] };
const reasoning = (blob: string) => ({
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text: 'Hm.' }],
  encrypted_content: blob,
});
const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Hi.' }] };
const answer = (blob: string) => ({
  id: 'r',
  object: 'response',
  status: 'completed',
  output: [reasoning(blob), message],
});
const unverified = {
  error: {
    message: 'The encrypted content for item rs_1 could not be verified. Reason: could not be decrypted or parsed.',
    type: 'invalid_request_error',
    code: 'invalid_encrypted_content',
  },
};
const ask = (model: string, ...input: object[]) => ({
  dialect: 'openai-responses' as const,
  body: { model, store: false, input: [user, ...input] },
});

function inputOf(call: { body: string } | undefined): JsonObject[] {
  return (JSON.parse(call?.body ?? '') as { input: JsonObject[] }).input;
}

describe('reasoning that another provider encrypted', () => {
  it('is sent to another provider as text, and back to its own unchanged', async () => {
    const bench = createGatewayBench(config, ({ url }) =>
      Promise.resolve(replyWith(200, answer(url.includes('first') ? 'BLOB' : 'OTHER'))),
    );
    await bench.ask(ask('a')).done;
    const history = [reasoning('BLOB'), message];
    await bench.ask(ask('b', ...history, user)).done;
    await bench.ask(ask('a', ...history, user)).done;
    expect(inputOf(bench.calls[1])[1]).toEqual({
      type: 'reasoning',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'Hm.' }],
    });
    expect(inputOf(bench.calls[2])[1]).toEqual(reasoning('BLOB'));
  });

  it('is left out for a provider that accepts only its own, and sent as text to a chat provider', async () => {
    const chat = chatChunk({ content: 'Hi.' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';
    const bench = createGatewayBench(config, ({ url }) =>
      Promise.resolve(replyWith(200, url.includes('deepseek') ? chat : (answer('BLOB') as unknown))),
    );
    await bench.ask(ask('a')).done;
    await bench.ask(ask('gpt', reasoning('BLOB'), message, user)).done;
    await bench.ask(ask('d', reasoning('BLOB'), message, user)).done;
    expect(inputOf(bench.calls[1]).map(({ type }) => type)).toEqual(['message', 'message', 'message']);
    expect(JSON.parse(bench.calls[2]?.body ?? '')).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: 'Hi.', reasoning_content: 'Hm.' }, { role: 'user' }],
    });
  });
});

describe('a proof that the provider cannot verify', () => {
  it('is left out of one more attempt, and of all later requests', async () => {
    const bench = createGatewayBench(config, ({ body }) =>
      Promise.resolve(body.includes('OLD') ? replyWith(400, unverified) : replyWith(200, answer('NEW'))),
    );
    const first = bench.ask(ask('gpt', reasoning('OLD'), message, user));
    await first.done;
    expect(first.received.headers['x-ccr-route']).toBe('openai,gpt; reason=model; attempt=2');
    expect(bench.records[0]?.attempts.map(({ error }) => error?.kind)).toEqual(['invalid-request', undefined]);
    expect(inputOf(bench.calls[1]).map(({ type }) => type)).toEqual(['message', 'message', 'message']);
    const second = bench.ask(ask('gpt', reasoning('OLD'), message, user, reasoning('NEW'), message, user));
    await second.done;
    expect(bench.calls).toHaveLength(3);
    expect(inputOf(bench.calls[2]).filter(({ type }) => type === 'reasoning')).toMatchObject([
      { encrypted_content: 'NEW' },
    ]);
  });

  it('may be a signature made for another model', async () => {
    const said = { id: 'm', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hi.' }] };
    const whole = { ...said, stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } };
    const refusal = {
      type: 'invalid_request_error',
      message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
    };
    const bench = createGatewayBench(config, ({ body }) =>
      Promise.resolve(
        body.includes('Eo8C') ? replyWith(400, { type: 'error', error: refusal }) : replyWith(200, whole),
      ),
    );
    const sealed = reasoning(sealReasoning(testSealer, { type: 'signature', signature: 'Eo8C' }));
    const { done, received } = bench.ask(ask('claude-x', sealed, message, user));
    await done;
    expect(received.status).toBe(200);
    expect(bench.calls.map(({ body }) => body.includes('"thinking":"Hm."'))).toEqual([true, false]);
  });

  it('does not count as a failure of its target, which stays first', async () => {
    const missing = { error: { message: "Item with id 'rs_1' not found.", type: 'invalid_request_error' } };
    const bench = createGatewayBench(config, ({ body }) =>
      Promise.resolve(body.includes('OLD') ? replyWith(404, missing) : replyWith(200, answer('NEW'))),
    );
    const { done, received } = bench.ask(ask('gpt', reasoning('OLD'), message, user));
    await done;
    expect(received.headers['x-ccr-route']).toBe('openai,gpt; reason=model; attempt=2');
    expect(bench.records[0]?.warnings).toEqual([]);
  });

  it('is reported to the client when leaving it out does not help', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(400, unverified)));
    const { done, received } = bench.ask(ask('gpt', reasoning('OLD'), message, user));
    await done;
    expect(bench.calls).toHaveLength(2);
    expect(received.status).toBe(400);
    expect(JSON.parse(received.text)).toMatchObject({ error: { code: 'invalid_encrypted_content' } });
  });

  it("may be another account's compaction, which is replaced by a text for the model", async () => {
    const compaction = { type: 'compaction', id: 'cmp_1', encrypted_content: 'OLD' };
    const bench = createGatewayBench(config, ({ body }) =>
      Promise.resolve(body.includes('OLD') ? replyWith(400, unverified) : replyWith(200, answer('NEW'))),
    );
    const { done, received } = bench.ask(ask('gpt', compaction));
    await done;
    expect(received.status).toBe(200);
    expect(JSON.stringify(inputOf(bench.calls[1]))).toContain(lostSummary);
  });
});
