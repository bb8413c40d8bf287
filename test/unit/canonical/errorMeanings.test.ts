// What providers' errors mean, by their words and codes, whatever their status says. From public reports.
import { array, assert, constant, dictionary, json, jsonValue, letrec, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../../src/canonical/errors.ts';
import {
  classifyProviderError,
  failureIn,
  readErrorInside,
  readProviderErrorBody,
} from '../../../src/canonical/providerError.ts';
import { maxMessageLength } from '../../../src/canonical/providerErrorBody.ts';

const now = Date.UTC(2026, 10, 26);
const reading = { rules: [], now: () => now };

function classify(status: number, body: unknown) {
  const { status: statedStatus, ...said } = failureIn(body, reading) ?? { message: '' };
  return classifyProviderError({ ...said, status, statedStatus }, reading);
}

describe('an account without credit', () => {
  it.each<[string, number, unknown]>([
    ['CLIProxyAPI#3859', 400, { type: 'error', error: { type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.' } }],
    ['claude-code#38035', 400, { error: { message: 'You have reached your specified API usage limits. You will regain access on 2027-01-01 at 00:00 UTC.' } }],
    ['OpenAI', 400, { error: { message: 'Billing hard limit has been reached', type: 'invalid_request_error', code: 'billing_hard_limit_reached' } }],
    ['OpenAI, 429', 429, { error: { message: 'You exceeded your current quota, please check your plan and billing details.', type: 'insufficient_quota', code: 'insufficient_quota' } }],
    ['a 401 with the code of a quota', 401, { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 401 } }],
    ['OpenAI, inactive', 429, { error: { message: 'Your account is not active, please check your billing details on our website.', code: 'billing_not_active' } }],
    ['TradingAgents-CN#170', 400, { error: { code: 'Arrearage', message: 'Access denied, please make sure your account is in good standing.', type: 'Arrearage' } }],
    ['DeepSeek', 402, { error: { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' } }],
    ['OpenRouter', 402, { error: { code: 402, message: 'This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 2112.' } }],
    ['xAI', 403, { code: 'The caller does not have permission to execute the specified operation', error: 'Your team 1 has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.' }],
    ['xAI, 429', 429, { code: 'Some resource has been exhausted', error: 'Your team 1 has either used all available credits or reached its monthly spending limit.' }],
    ['Kimi', 429, { error: { message: 'Your account org-1 is suspended due to insufficient balance, please recharge your account or check your plan and billing details', type: 'x' } }],
    ['SiliconFlow', 403, { code: 30001, message: 'Sorry, your account balance is insufficient', data: null }],
    ['Google', 403, { error: { code: 403, message: 'The billing account for the owning project is disabled in state absent', status: 'PERMISSION_DENIED' } }],
    ['Google, never enabled', 403, [{ error: { code: 403, message: 'This API method requires billing to be enabled. Please enable billing on project #1', status: 'PERMISSION_DENIED' } }]],
    ['Fireworks', 412, { error: { message: 'Account a is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.', code: 'PRECONDITION_FAILED' } }],
    ['Hugging Face', 402, { error: 'You have exceeded your monthly included credits for Inference Providers.' }],
    ['LiteLLM', 400, { error: { message: 'Budget has been exceeded! Current cost: 10.1, Max budget: 10.0', type: 'budget_exceeded', code: '400' } }],
    ['new-api', 403, { error: { message: '用户额度不足, 剩余额度: 0', type: 'new_api_error', code: 'insufficient_user_quota' } }],
    ['opencode', 401, { type: 'error', error: { type: 'CreditsError', message: 'Insufficient balance. Manage your billing here: https://x' } }],
    ['Volcengine', 403, { error: { code: 'AccountOverdueError', message: 'The request failed because your account has an overdue balance.' } }],
    ['Vercel', 402, { error: { message: 'Insufficient funds. Please add credits to your account to continue', type: 'insufficient_funds' } }],
    ['Groq', 400, { error: { message: 'Your organization has reached its spend limit.', type: 'invalid_request_error' } }],
    ['new-api, before it is spent', 403, { error: { message: '预扣费额度失败, 用户剩余额度: ＄0.0, 需要预扣费额度: ＄0.03', type: 'new_api_error' } }],
    ['opencode-anthropic-auth#79', 400, { error: { type: 'invalid_request_error', message: 'You are out of extra usage. Add more at claude.ai/settings/usage and keep going.' } }],
    ['OpenRouter, a limit of the key', 403, { error: { code: 403, message: 'Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys' } }],
    ['LiteLLM, a user over budget', 429, { error: { message: 'ExceededBudget: User=x over budget. Spend=5, Budget=4' } }],
    ['oh-my-pi#5723', 402, { error: 'usage balance exhausted' }],
    ['homeboy#13691', 403, { code: 'personal-team-blocked:spending-limit', error: 'You have run out of credits or need a Grok subscription.' }],
    ['through a gateway', 500, { error: { message: '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}', code: 'upstream' } }],
    ['through two gateways', 502, { error: { message: `upstream: ${JSON.stringify({ error: { message: JSON.stringify({ error: { message: 'Insufficient Balance', code: 'x' } }) } })}` } }],
  ])('%s', (_, status, body) => {
    expect(classify(status, body).kind).toBe('quota');
    if (status !== 401) expect(readErrorInside(body, undefined, reading)?.kind).toBe('quota');
  }); // prettier-ignore

  it('states when it has some again', () => {
    const message = 'You will regain access on 2026-11-28 at 00:00 UTC.';
    expect(classify(400, { error: { message } }).details.retryAfterMs).toBe(2 * 86_400_000);
  });
});

it('a closed account is a matter of the key, with any status', () => {
  const body = { error: { type: 'invalid_request_error', message: 'This organization has been disabled.' } };
  for (const status of [400, 403, 422]) expect(classify(status, body).kind).toBe('permission');
});

describe('what only looks like it', () => {
  it.each<[string, number, unknown, ErrorKind]>([
    ['a quota of a minute', 429, [{ error: { code: 429, message: 'You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: x, limit: 15. Please retry in 38.2s.', status: 'RESOURCE_EXHAUSTED' } }], 'rate-limited'],
    ['Groq', 429, { error: { message: 'Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000. Please try again in 4.77s. Need more tokens? Upgrade to Dev Tier today at https://x/settings/billing', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    ['OpenRouter', 429, { error: { code: 429, message: 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day' } }, 'rate-limited'],
    ['Azure', 429, { error: { code: '429', message: 'Requests have exceeded token rate limit of your current pricing tier. Please retry after 21 seconds. Please go here: https://x/quotaincrease' } }, 'rate-limited'],
    ['a window of a plan', 429, { error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 600 } }, 'rate-limited'],
    ['a request of its own', 400, { error: { message: "Invalid 'tools[0].function.name': 'check_balance'" } }, 'invalid-request'],
    ['a rate limit with 403', 403, { error: { message: 'Rate limit exceeded', status: 'x' } }, 'rate-limited'],
    ['a rate limit with 500', 500, { error: { message: 'Too many requests, please wait' } }, 'rate-limited'],
    ['a rate limit by name with 400', 400, { __type: 'ThrottlingException', code: 'ThrottlingException', message: 'Slow down' }, 'rate-limited'],
    ['a status that a gateway replaced', 502, { error: { code: 429, message: 'Provider returned error' } }, 'rate-limited'],
    ['a bad request through a gateway', 502, { error: { code: 400, message: 'Provider returned error' } }, 'upstream'],
  ])('%s', (_, status, body, kind) => {
    expect(classify(status, body).kind).toBe(kind);
  }); // prettier-ignore
});

describe('a conversation that is too long', () => {
  it.each([
    'Range of input length should be [1, 129024]',
    'Input length 140000 exceeds the maximum length 131072',
    "The input (165000 tokens) is longer than the model's context length (131072 tokens).",
    'The sequence length of the input is greater than max_model_len 32768',
    'total tokens of image and text exceed max message tokens',
    'messages token length must be in (0, 1000000], but got 1200000',
    'Input tokens exceed the configured limit of 272000 tokens.',
    'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
    'litellm.ContextWindowExceededError: litellm.BadRequestError: x',
    'Prompt 过长',
    '输入长度超过最大限制',
  ])('says so in any status: %s', (message) => {
    for (const status of [400, 422, 500]) expect(classify(status, { error: { message } }).kind).toBe('context-length');
  });

  it.each([
    'The key name is longer than 64 characters',
    'Input must be longer than 3 characters',
    'File exceeds the maximum length',
  ])('is not meant by %j', (message) => expect(classify(400, { error: { message } }).kind).toBe('invalid-request'));

  const words = 'Your input exceeds the context window of this model. Please adjust your input and try again.';
  it.each([400, 403, 413, 422, 429, 500, 502, 503])('with %i', (status) => {
    expect(classify(status, { error: { message: `upstream error: ${words}`, type: 'api_error' } }).kind).toBe(
      'context-length',
    );
  });

  it('is not what a limit per minute says', () => {
    const message = 'Request too large: maximum context length reached on tokens per minute';
    expect(classify(429, { error: { message } }).kind).toBe('rate-limited');
  });
});

describe("a content filter's refusal", () => {
  it.each<[string, number, unknown]>([
    ['DashScope', 400, { error: { code: 'data_inspection_failed', message: 'Output data may contain inappropriate content.' } }],
    ['DashScope, own API', 400, { code: 'DataInspectionFailed', message: 'Input data may contain inappropriate content.' }],
    ['Azure', 400, { error: { code: 'content_filter', message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", innererror: { code: 'ResponsibleAIPolicyViolation' } } }],
    ['a moderated model', 403, { error: { code: 403, message: 'x requires moderation. Your input was flagged for "violence".' } }],
    ['GLM', 400, { error: { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容' } }],
    ['MiniMax', 500, { error: { message: 'output new_sensitive (1027)' } }],
  ])('%s', (_, status, body) => {
    expect(classify(status, body)).toMatchObject({ kind: 'invalid-request', details: { filtered: true } });
  }); // prettier-ignore
});

describe('readProviderErrorBody', () => {
  it.each<[string, unknown, string]>([
    ['success: false', { success: false, errorMsg: 'No.' }, 'No.'],
    ['code and msg', { code: 500, msg: 'No.', data: null }, 'No.'],
    ['a list of errors', { errors: [{ code: 'x', message: 'No.' }] }, 'No.'],
    ['a list of texts', { errors: ['No.'] }, 'No.'],
    ['an error on a choice', { id: 'x', choices: [{ index: 0, error: { code: 502, message: 'No.' }, finish_reason: 'error' }] }, 'No.'],
    ['a SOAP-like fault', { fault: { faultstring: 'No.', detail: { errorcode: 'oauth.v2' } } }, 'No.'],
    ['capital letters', { Code: 'Throttling', Message: 'No.' }, 'No.'],
    ['Tencent', { Response: { Error: { Code: 'X', Message: 'No.' }, RequestId: 'r' } }, 'No.'],
    ['Volcengine', { ResponseMetadata: { Error: { Code: 'X', Message: 'No.' } } }, 'No.'],
    ['Spark', { header: { code: 10_013, message: 'No.' } }, 'No.'],
    ['Baidu', { error_code: 17, error_msg: 'No.' }, 'No.'],
    ['OAuth', { error: 'invalid_grant', error_description: 'No.' }, 'No.'],
    ['Spring', { timestamp: 1, status: 500, error: 'Internal Server Error', message: 'No.', path: '/' }, 'No.'],
    ['problem details', { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'No.' }, 'No.'],
    ['JSON in JSON', { error: { message: '{"error":{"message":"No."}}' } }, 'No.'],
    ['JSON in JSON in JSON', { error: JSON.stringify({ error: { message: JSON.stringify({ error: 'No.' }) } }) }, 'No.'],
    ['a JSON string', '"No."', 'No.'],
    ['JSON behind text', 'litellm.BadRequestError: AnthropicException - {"error":{"message":"No."}}', 'litellm.BadRequestError: AnthropicException: No.'],
    ['Python bytes behind text', `Error 400: b'{"error":{"message":"No."}}'`, 'Error 400: No.'],
    ['JSON that is no error, behind text', 'Invalid arguments: {"a":1}', 'Invalid arguments: {"a":1}'],
    ['an object store', '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>No &amp; no.</Message></Error>', 'No & no.'],
    ['XML with a namespace', '<ErrorResponse xmlns="x"><Error><Message><![CDATA[No.]]></Message></Error></ErrorResponse>', 'No.'],
    ['a message that is an object', { message: { error: { message: 'No.' } } }, 'No.'],
    ['a detail that is an object', { detail: { message: 'No.' } }, 'No.'],
    ['an event', 'event: error\ndata: {"error":{"message":"No."}}', 'No.'],
    ["Google's quotas", { error: { message: 'No.', details: [{ violations: [{ quotaId: 'PerDay' }] }] } }, 'No.: PerDay'],
  ])('reads %s', (_, body, message) => {
    expect(readProviderErrorBody(body)?.message).toBe(message);
    // The words reach the user from a 200, too.
    if (typeof body === 'object' && !('type' in (body as object)))
      expect(readErrorInside(body)?.message).toBe(message);
  }); // prettier-ignore

  it('takes the code and the type of the innermost error', () => {
    const inner = JSON.stringify({ error: { message: 'No.', type: 'billing_error', code: 'x1' } });
    expect(readProviderErrorBody({ error: { message: inner, type: 'api_error', code: 'bad_response', param: 'p' } })).toEqual(
      { message: 'No.', type: 'billing_error', code: 'x1', param: 'p' },
    ); // prettier-ignore
  });

  const { tree } = letrec((tie) => ({
    tree: oneof(
      { maxDepth: 6 },
      string(),
      jsonValue(),
      constant('{"error":'),
      array(tie('tree'), { maxLength: 3 }),
      dictionary(
        oneof(string(), constant('error'), constant('message'), constant('errors'), constant('choices'), constant('detail')),
        tie('tree'),
        { maxKeys: 4 },
      ),
      tie('tree').map((value) => JSON.stringify(value)),
    ),
  })); // prettier-ignore

  it('never throws, and never says more than its bound, whatever the body', () => {
    assert(
      property(oneof(tree, json(), string({ maxLength: 5000 })), (body) => {
        const said = readProviderErrorBody(body);
        for (const text of [said?.message, said?.code, said?.type, said?.param])
          expect((text ?? '').length).toBeLessThanOrEqual(maxMessageLength + 1);
        expect(readErrorInside(body, 'error')?.message).not.toBe('');
      }),
      { seed: 7, numRuns: 1500 },
    );
  });

  it('is quick and quiet about bodies that are made to hurt', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const object = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as unknown;
    const bodies = [deep, object, { error: { message: object } }, '<message>'.repeat(20_000), ' '.repeat(250_000) + '{"}', '{'.repeat(250_000)];
    const started = performance.now();
    for (const body of bodies) expect((readProviderErrorBody(body)?.message ?? '').length).toBeLessThan(2100);
    expect(performance.now() - started).toBeLessThan(2000);
  }); // prettier-ignore
});

describe('readErrorInside', () => {
  it.each(['error: the engine ran out of memory', '[ERROR] out of memory', 'Internal Server Error'])(
    'knows the error in the text %j',
    (text) => {
      expect(readErrorInside(text)?.message).toBe(text);
    },
  );

  it.each([
    ['[HEARTBEAT]'],
    ['ping'],
    [{ code: 200, msg: 'success', data: {} }],
    [{ success: true, message: 'ok', id: 'x' }],
    [{ type: 'ping' }],
    [{ id: 'x', choices: [{ delta: { content: 'error: no' } }] }],
    [{ errors: [] }],
    [{ id: 'x', choices: [], error: {} }],
  ])('takes %j for none', (body) => {
    expect(readErrorInside(body)).toBeUndefined();
  });
});
