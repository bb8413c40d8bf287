// What providers' errors mean, by their words and codes, whatever their status says. From public reports.
import { array, assert, constant, dictionary, json, jsonValue, letrec, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classifyProviderError,
  failureIn,
  readErrorInside,
  readProviderErrorBody,
} from '../../../src/canonical/providerError.ts';
import { maxMessageLength } from '../../../src/canonical/providerErrorBody.ts';
import { filtered, noCredit, onlyLikeNoCredit, tooLong } from '../../support/errorBodies.ts';

const now = Date.UTC(2026, 10, 26);
const reading = { rules: [], now: () => now };

function classify(status: number, body: unknown) {
  const { status: statedStatus, ...said } = failureIn(body, reading) ?? { message: '' };
  return classifyProviderError({ ...said, status, statedStatus }, reading);
}

describe('an account without credit', () => {
  it.each(noCredit)('%s', (_, status, body) => {
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

it('a credential for one client alone is too', () => {
  const message =
    'This credential is only authorized for use with Claude Code and cannot be used for other API requests.';
  expect(classify(400, { type: 'error', error: { type: 'invalid_request_error', message } }).kind).toBe('permission');
});

describe('a limit of a day or of a month', () => {
  const google = (quotaId: string, retryDelay: string) => ({
    error: {
      code: 429,
      message: 'You exceeded your current quota, please check your plan and billing details.',
      status: 'RESOURCE_EXHAUSTED',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
      ],
    },
  });
  const hour = 3_600_000;
  it.each<[string, unknown, number | undefined]>([
    ['inspect_ai#5526, Rokabot#150', google('GenerateRequestsPerDayPerProjectPerModel-FreeTier', '34.07s'), hour],
    ['Google, of a minute', google('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', '34s'), 34_000],
    ['Bedrock', { message: 'Too many tokens per day, please wait before trying again.' }, hour],
    ['ModelScope', { errors: { message: "You have exceeded today's quota for model x, please try again tomorrow." } }, hour],
    ['Cohere', { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' }, hour],
    ['Cloudflare', { errors: [{ message: 'AiError: you have used up your daily free allocation of 10,000 neurons', code: 4006 }], success: false }, hour],
    ['sub2api', { error: { message: 'daily limit exceeded', type: 'rate_limit_error', code: 'USAGE_LIMIT_EXCEEDED' } }, hour],
    ['a proxy, which names both limits', { error: { message: 'Limit reached: 20 requests per minute and 1000 requests per day' } }, undefined],
    ['Groq, which says when', { error: { message: 'Rate limit reached on tokens per day (TPD): Limit 100000. Please try again in 7m12s.', code: 'rate_limit_exceeded' } }, 432_000],
  ])('is not tried again at once: %s', (_, body, waitMs) => {
    const { kind, details } = classify(429, body);
    expect(kind).toBe('rate-limited');
    expect(details.retryAfterMs).toBe(waitMs);
  }); // prettier-ignore
});

it('a channel that a gateway lacks, and a function that is down, are matters of the target', () => {
  const channel = '当前分组 default 下对于模型 gpt-5 无可用渠道';
  expect(classify(503, { error: { message: channel, type: 'new_api_error' } }).kind).toBe('not-found');
  const degraded = {
    detail: 'Function id abc: DEGRADED function cannot be invoked',
    status: 400,
    title: 'Bad Request',
  };
  expect(classify(400, degraded).kind).toBe('overloaded');
});

describe('what only looks like it', () => {
  it.each(onlyLikeNoCredit)('%s', (_, status, body, kind) => {
    expect(classify(status, body).kind).toBe(kind);
  }); // prettier-ignore
});

describe('a conversation that is too long', () => {
  it.each(tooLong)('says so in any status: %s', (message) => {
    for (const status of [400, 422, 500]) expect(classify(status, { error: { message } }).kind).toBe('context-length');
  });

  it.each([
    'The key name is longer than 64 characters',
    'Input must be longer than 3 characters',
    'File exceeds the maximum length',
    "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40",
    "Invalid 'messages[0].name': string too long. Expected a string with maximum length 64",
    "Invalid 'input[1].call_id': string too long. Expected a string with maximum length 64",
    "Invalid 'input[1].content[0].file_id': string too long. Expected a string with maximum length 64",
    "Invalid 'tools': array too long. Expected an array with maximum length 128",
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
  it.each(filtered)('%s', (_, status, body) => {
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
