// What errors mean, as a kind of fault at real providers: docs/reference/wire-kinds.md, 7.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { askProfile, type Understood } from '../../support/askProfile.ts';
import { event } from '../../support/callWires.ts';
import { filtered, noCredit, onlyLikeNoCredit, tooLong } from '../../support/errorBodies.ts';
import { replyWith } from '../../support/gatewayBench.ts';
import { begun } from '../../support/oddFrames.ts';
import type { ProviderProfile } from '../../support/providerProfiles.ts';
import { asksAt, sampleOf, type Ask } from '../../support/profileSample.ts';
import { wholeTextReply } from '../../support/wholeReplies.ts';

/** The answer of the next target, which is asked where the error is a matter of the first one's account. */
const next = {
  providers: [{ name: 'two', api_base_url: 'http://two.test/v1', api_key: 'other-key', models: ['m'] }],
  router: { background: 'two,m' },
};

type Refusal = { status: number; body: unknown };

function ask(asked: Ask, { status, body }: Refusal): Promise<Understood> {
  const reply = ({ url }: { url: string }) =>
    url.includes('two.test') ? replyWith(200, wholeTextReply('openai-chat', 'FALLBACK')) : replyWith(status, body);
  return askProfile({ ...asked, reply, more: next });
}

/** The same error inside a 200: as the whole reply, and as an event of a stream. */
function inside(body: unknown): Refusal[] {
  return [
    { status: 200, body },
    { status: 200, body: `data: ${JSON.stringify(body)}\n\n` },
    { status: 200, body: `event: error\ndata: ${JSON.stringify(body)}\n\n` },
  ];
}

const kindOf = ({ record }: Understood): unknown => record.attempts[0]?.error?.kind ?? record.error?.kind;

/** DashScope means the tokens of a minute by the code of an empty account. */
const isOtherwise = ({ name }: ProviderProfile, body: unknown): boolean =>
  name === 'qwen' && JSON.stringify(body).includes('insufficient_quota');

const numbered = <Form extends readonly unknown[]>(forms: readonly Form[]) =>
  forms.map((form, turn) => [form[0], form, turn] as [unknown, Form, number]);

describe('7. what errors mean', () => {
  it.each(numbered(noCredit))('no credit: %s', async (_, [, status, body], turn) => {
    for (const asked of sampleOf(turn).filter(({ profile }) => !isOtherwise(profile, body)))
      for (const refusal of [{ status, body }, ...(status === 401 ? [] : inside(body))]) {
        const got = await ask(asked, refusal);
        expect([asked, refusal, kindOf(got), got.text]).toEqual([asked, refusal, 'quota', 'FALLBACK']);
      }
  });

  it.each(numbered(onlyLikeNoCredit))('%s', async (_, [, status, body, kind], turn) => {
    for (const asked of sampleOf(turn)) {
      const got = await ask(asked, { status, body });
      expect([asked, kindOf(got)]).toEqual([asked, kind]);
    }
  });

  const overflow: Record<DialectId, RegExp> = {
    'openai-chat': /"code":"context_length_exceeded"/,
    'openai-responses': /"code":"context_length_exceeded"/,
    'anthropic-messages': /prompt is too long/,
  };

  it.each(numbered(tooLong.map((message) => [message] as const)))('too long: %s', async (_, [message], turn) => {
    for (const asked of sampleOf(turn))
      for (const refusal of [{ status: 400, body: { error: { message } } }, { status: 500, body: { error: { message } } }, ...inside({ error: { message } })]) {
        const got = await askProfile({ ...asked, reply: () => replyWith(refusal.status, refusal.body) });
        expect([asked, refusal, got.status, got.record.error?.kind]).toEqual([asked, refusal, 400, 'context-length']);
        expect(got.received.text).toMatch(overflow[asked.client.dialect]);
      }
  });

  it.each(numbered(filtered))('a filter: %s', async (_, [, status, body], turn) => {
    for (const asked of sampleOf(turn)) {
      const got = await ask(asked, { status, body });
      expect([asked, got.asked, got.text]).toEqual([asked, 1, '']);
    }
  });

  /** What providers say on their other surfaces. */
  const own: [string, string, Refusal, string][] = [
    ['zai', 'no balance', { status: 429, body: { type: 'error', error: { type: '1113', message: 'Insufficient balance or no resource package. Please recharge.' } } }, 'quota'],
    ['zai', 'no balance, code', { status: 429, body: { error: { code: '1113', message: '余额不足或无可用资源包,请充值。' } } }, 'quota'],
    ['zai', 'a limit', { status: 429, body: { type: 'error', error: { type: '1302', message: 'Rate limit reached for requests' } } }, 'rate-limited'],
    ['zai', 'a limit in words', { status: 429, body: { type: 'error', error: { type: 'rate_limit_error', message: '[1302][您的账户已达到速率限制，请您控制请求频率][2026]' } } }, 'rate-limited'],
    ['zai', 'too long', { status: 400, body: { error: { code: '1261', message: 'Prompt exceeds max length' } } }, 'context-length'],
    ['minimax', 'no balance', { status: 200, body: { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } } }, 'quota'],
    ['minimax', 'no balance, Messages', { status: 500, body: { type: 'error', error: { type: 'api_error', message: 'insufficient balance (1008)' } } }, 'quota'],
    ['minimax', 'a plan', { status: 429, body: { type: 'error', error: { type: 'rate_limit_error', message: 'usage limit exceeded, 5-hour usage limit reached for Token Plan (2056)', http_code: '429' } } }, 'rate-limited'],
    ['minimax', 'too long', { status: 400, body: { type: 'error', error: { type: 'bad_request_error', message: 'invalid params, context window exceeds limit (2013)', http_code: '400' } } }, 'context-length'],
    ['minimax', 'a key', { status: 401, body: { type: 'error', error: { type: 'authorized_error', message: 'invalid api key (2049)', http_code: '401' } } }, 'auth'],
    ['kimi', 'no balance', { status: 429, body: { type: 'error', error: { type: 'exceeded_current_quota_error', message: 'Your account org-1 is suspended, please check your plan and billing details' } } }, 'quota'],
    ['kimi', 'a limit', { status: 429, body: { error: { type: 'rate_limit_reached_error', message: 'Your account reached max organization concurrency: 1, please try again after 1 seconds' } } }, 'rate-limited'],
    ['kimi', 'too long', { status: 400, body: { error: { type: 'invalid_request_error', message: 'Invalid request: Your request exceeded model token limit: 262144 (requested: 270000)' } } }, 'context-length'],
    ['deepseek', 'no balance', { status: 402, body: { error: { message: 'Insufficient Balance', type: 'unknown_error', param: null, code: 'invalid_request_error' } } }, 'quota'],
    ['deepseek', 'too long', { status: 400, body: { error: { message: "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens", type: 'invalid_request_error' } } }, 'context-length'],
    ['openrouter', 'no credits', { status: 402, body: { type: 'error', error: { type: 'invalid_request_error', message: 'Insufficient credits. Add more using https://openrouter.ai/settings/credits' } } }, 'quota'],
    ['openrouter', 'too long', { status: 400, body: { error: { code: 400, message: "This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens" } } }, 'context-length'],
    ['qwen', 'no balance', { status: 400, body: { type: 'error', error: { type: 'Arrearage', message: 'Access denied, please make sure your account is in good standing.' } } }, 'quota'],
    ['qwen', 'a minute', { status: 429, body: { error: { code: 'insufficient_quota', type: 'insufficient_quota', message: 'You exceeded your current quota, please check your plan and billing details.' } } }, 'rate-limited'],
    ['groq', 'too long', { status: 413, body: { error: { message: 'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000', type: 'tokens', code: 'rate_limit_exceeded' } } }, 'too-large'],
    ['xai', 'no credits', { status: 403, body: { code: 'The caller does not have permission to execute the specified operation', error: 'Your team 1 has either used all available credits or reached its monthly spending limit.' } }, 'quota'],
    ['xai', 'too long', { status: 400, body: { code: 'Client specified an invalid argument', error: "This model's maximum prompt length is 131072 but the request contains 140000 tokens." } }, 'context-length'],
    ['gemini', 'too long', { status: 400, body: [{ error: { code: 400, message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).', status: 'INVALID_ARGUMENT' } }] }, 'context-length'],
    ['mistral', 'too long', { status: 400, body: { object: 'error', message: 'Prompt contains 140000 tokens and 0 draft tokens, too large for model with 131072 maximum context length', type: 'invalid_request_prompt', code: '3051' } }, 'context-length'],
    ['ollama', 'no credit', { status: 402, body: { error: 'you have reached your weekly usage limit, upgrade for higher limits' } }, 'quota'],
    ['lmstudio', 'too long', { status: 400, body: { error: "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input" } }, 'context-length'],
    ['llamacpp', 'too long', { status: 400, body: { error: { code: 400, message: 'the request exceeds the available context size, try increasing it', type: 'exceed_context_size_error', n_prompt_tokens: 9000, n_ctx: 4096 } } }, 'context-length'],
    ['vllm', 'too long', { status: 400, body: { object: 'error', message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages, Please reduce the length of the messages.", type: 'BadRequestError', param: null, code: 400 } }, 'context-length'],
    ['together', 'no credit', { status: 402, body: { error: { message: 'Credit limit exceeded, please navigate to https://api.together.ai/settings/billing to upgrade your plan', type: 'credit_limit', param: null, code: null } } }, 'quota'],
    ['together', 'too long', { status: 422, body: { error: { message: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32769. Given: 40000 `inputs` tokens and 99 `max_new_tokens`', type: 'invalid_request_error' } } }, 'context-length'],
  ];

  it.each(own.map((row, turn) => [...row, turn] as const))('%s, %s, on each of its surfaces', async (name, _, refusal, kind, turn) => {
    const asks = asksAt(name, turn);
    expect(asks.length).toBeGreaterThan(2);
    for (const asked of asks) {
      const got = await ask(asked, refusal);
      expect([asked, kindOf(got)]).toEqual([asked, kind]);
    }
  });

  it.each<[string, (wire: DialectId) => string]>([
    ['an error of the wire', () => `data: ${JSON.stringify({ error: { message: 'Insufficient Balance', type: 'x' } })}\n\n`],
    ['a response that failed', (wire) => wire === 'openai-responses' ? event('response.failed', { response: { id: 'r', status: 'failed', error: { code: 'server_error', message: 'Insufficient Balance' } } }) : event('error', { error: { type: 'api_error', message: 'Insufficient Balance' } })],
    ['an error on a choice', (wire) => wire === 'openai-chat' ? `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: {}, error: { code: 502, message: 'Insufficient Balance' }, finish_reason: 'error' }] })}\n\n` : event('error', { message: 'Insufficient Balance' })],
  ])('within a stream that has begun, its words reach the client: %s', async (_, failure) => {
    for (let turn = 0; turn < 4; turn++)
      for (const asked of sampleOf(turn)) {
        const { wire } = asked.profile;
        const { error } = await askProfile({ ...asked, reply: () => replyWith(200, begun[wire] + failure(wire)) });
        expect([asked, error]).toEqual([asked, expect.stringContaining('Insufficient Balance')]);
      }
  });
}); // prettier-ignore
