import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../../src/canonical/errors.ts';
import {
  classifyProviderError,
  keyPatterns,
  readErrorInside,
  readProviderErrorBody,
  redact,
  type ErrorRule,
} from '../../../src/canonical/providerError.ts';

describe('readProviderErrorBody', () => {
  it.each<[string, unknown, object | undefined]>([
    [
      'OpenAI',
      { error: { message: 'No.', type: 'invalid_request_error', param: 'messages', code: 'x' } },
      { message: 'No.', type: 'invalid_request_error', param: 'messages', code: 'x' },
    ],
    ['null fields', { error: { message: 'No.', type: null, param: null, code: null } }, { message: 'No.' }],
    ['xAI', { code: 'invalid-argument', error: 'No.' }, { message: 'No.', code: 'invalid-argument' }],
    ['LM Studio', { error: 'No.' }, { message: 'No.' }],
    [
      'vLLM',
      { object: 'error', message: 'No.', type: 'BadRequestError', param: null, code: 400 },
      { message: 'No.', type: 'BadRequestError', code: '400', status: 400 },
    ],
    [
      'Anthropic',
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'r' },
      { message: 'Overloaded', type: 'overloaded_error' },
    ],
    [
      'Gemini',
      [{ error: { code: 400, message: 'No.', status: 'INVALID_ARGUMENT' } }],
      { message: 'No.', code: '400', type: 'INVALID_ARGUMENT', status: 400 },
    ],
    [
      'MiniMax',
      { type: 'error', error: { type: 'bad_request_error', message: 'No. (2013)', http_code: '400' } },
      { message: 'No. (2013)', type: 'bad_request_error', status: 400 },
    ],
    [
      'base_resp',
      { base_resp: { status_code: 2049, status_msg: 'invalid api key' } },
      { message: 'invalid api key', code: '2049', type: 'base_resp' },
    ],
    ['Z.AI', { error: { code: '1302', message: 'Slow down' } }, { message: 'Slow down', code: '1302' }],
    ['FastAPI', { detail: 'Not authenticated' }, { message: 'Not authenticated' }],
    [
      'FastAPI, list',
      { detail: [{ loc: ['body', 'model'], msg: 'field required' }, { msg: 'x' }] },
      { message: 'body.model: field required; x' },
    ],
    [
      'OpenRouter',
      {
        error: {
          code: 400,
          message: 'Provider returned error',
          metadata: { raw: '{"error":{"message":"prompt is too long"}}', provider_name: 'p' },
        },
      },
      { message: 'Provider returned error: prompt is too long', code: '400', status: 400 },
    ],
    [
      'DashScope',
      { code: 'InvalidApiKey', message: 'No.', request_id: 'r' },
      { message: 'No.', code: 'InvalidApiKey' },
    ],
    [
      'Mistral',
      {
        object: 'error',
        message: {
          detail: [{ type: 'extra_forbidden', loc: ['body', 'store'], msg: 'Extra inputs are not permitted' }],
        },
        type: 'invalid_request_error',
        code: null,
      },
      { message: 'body.store: Extra inputs are not permitted', type: 'invalid_request_error' },
    ],
    ['a message that is an object', { error: { message: { a: 1 } } }, { message: '{"a":1}' }],
    ['JSON as text', '{"error":{"message":"No."}}', { message: 'No.' }],
    ['text', ' Bad gateway \n', { message: 'Bad gateway' }],
    [
      'a web page',
      '<html><head><title>502 Bad Gateway</title></head></html>',
      { message: 'The provider answered with a web page: 502 Bad Gateway' },
    ],
    ['a page without title', '<html></html>', { message: 'The provider answered with a web page.' }],
    ['nothing', '', undefined],
    ['an empty object', {}, undefined],
    ['an empty list', [], undefined],
    ['null', null, undefined],
    ['a number', 7, undefined],
  ])('reads %s', (_, body, expected) => {
    expect(readProviderErrorBody(body)).toEqual(expected);
  });

  it('shortens long messages', () => {
    expect(readProviderErrorBody('x'.repeat(100_000))?.message.length).toBeLessThan(2100);
  });
});

describe('classifyProviderError', () => {
  it.each([
    [400, 'The encrypted content for item rs_0a could not be verified. Reason: could not be decrypted or parsed.'],
    [400, 'messages.27.content.0: Invalid `signature` in `thinking` block'],
    [400, 'Invalid thought signature.'],
    [400, 'Corrupted thought signature.'],
    [404, "Item with id 'rs_68' not found. Items are not persisted when `store` is set to false."],
    [undefined, 'The encrypted content gAAA...DQ== could not be verified.'],
  ])('says of %s %j that it is about proofs of reasoning', (status, message) => {
    expect(classifyProviderError({ status, message }).details.rejected).toBe('proofs');
  });

  it('knows the code for it too, and says it of nothing else', () => {
    const code = 'invalid_encrypted_content';
    expect(classifyProviderError({ status: 400, code, message: 'No.' }).details.rejected).toBe('proofs');
    for (const message of [
      'Invalid request signature date',
      "Item with id 'msg_1' not found",
      'encrypted content is fine',
    ])
      expect(classifyProviderError({ status: 400, message }).details).not.toHaveProperty('rejected');
    expect(classifyProviderError({ status: 500, code, message: 'No.' }).details).not.toHaveProperty('rejected');
  });

  it.each<[number, ErrorKind]>([
    [400, 'invalid-request'], [401, 'auth'], [402, 'quota'], [403, 'permission'], [404, 'not-found'], [405, 'not-found'], [408, 'timeout'],
    [409, 'upstream'], [413, 'too-large'], [418, 'invalid-request'], [422, 'invalid-request'], [429, 'rate-limited'], [500, 'upstream'], [502, 'upstream'],
    [503, 'upstream'], [504, 'upstream'], [524, 'upstream'], [529, 'overloaded'], [302, 'upstream'],
  ])('%i is %s', (status, kind) => {
    const error = classifyProviderError({ status, message: 'Why.' });
    expect(error.kind).toBe(kind);
    expect(error.message).toBe('Why.');
    expect(error.details.status).toBe(status);
  }); // prettier-ignore

  it.each<[number | undefined, string, ErrorKind]>([
    [
      400,
      "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens (130000 in the messages, 10000 in the completion).",
      'context-length',
    ],
    [400, 'Cannot truncate prompt with n_keep (5000) >= n_ctx (4096)', 'context-length'],
    [400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', 'unsupported'],
    [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'context-length'],
    [400, 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000', 'context-length'],
    [400, 'Your request exceeded model token limit: 131072', 'context-length'],
    [400, 'invalid params, context window exceeds limit (2013)', 'context-length'],
    [400, 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', 'context-length'],
    [
      400,
      'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      'context-length',
    ],
    [400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 'context-length'],
    [
      400,
      'the request exceeds the available context size. try increasing the context size or enable context shift',
      'context-length',
    ],
    [
      undefined,
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
      'context-length',
    ],
    [400, 'Prompt exceeds max length', 'context-length'],
    [413, 'Please reduce the length of the messages or completion.', 'context-length'],
    [
      413,
      'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size',
      'too-large',
    ],
    [400, 'max_tokens is too large: 300000. This model supports at most 131072 completion tokens', 'invalid-request'],
    [429, 'prompt is too long for your rate limit', 'rate-limited'],
    [413, 'Bodies over 5 MB are not supported', 'too-large'],
    [404, 'Invalid API key or unknown path', 'not-found'],
    [
      400,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'unsupported',
    ],
    [400, 'Thinking mode does not support this tool_choice', 'unsupported'],
    [400, 'Failed to deserialize the JSON body: unknown variant `image_url`, expected `text`', 'unsupported'],
    [
      400,
      'Failed to deserialize the JSON body: unknown variant `developer`, expected one of `system`',
      'invalid-request',
    ],
    [404, 'No endpoints found that support image input', 'unsupported'],
    [404, 'Not Found', 'not-found'],
    [400, "Invalid value: 'robot'. Supported values are: 'system', 'user'", 'invalid-request'],
    [400, 'Model Not Exist', 'not-found'],
    [400, 'The model `x` has been decommissioned', 'not-found'],
    [400, "invalid params, unknown model 'x' (2013)", 'not-found'],
    [400, 'API key not valid. Please pass a valid API key.', 'auth'],
    [400, 'Incorrect API key provided: xa***yz. You can obtain an API key from https://console.x.ai.', 'auth'],
    [undefined, 'invalid api key (2049)', 'auth'],
    [500, 'prompt is too long', 'context-length'],
    [400, 'The `reasoning_content` in the thinking mode must be passed back to the API.', 'invalid-request'],
    [400, 'Invalid schema for function', 'invalid-request'],
    [undefined, 'Provider disconnected unexpectedly', 'upstream'],
  ])('%s %s is %s', (status, message, kind) => {
    expect(classifyProviderError({ status, message }).kind).toBe(kind);
  });

  it.each<[{ status?: number; code?: string; type?: string }, ErrorKind]>([
    [{ status: 400, code: 'context_length_exceeded' }, 'context-length'],
    [{ status: 400, type: 'exceed_context_size_error' }, 'context-length'],
    [{ status: 400, code: 'model_not_found' }, 'not-found'],
    [{ status: 400, code: 'unsupported_parameter' }, 'unsupported'],
    [{ status: 429, code: 'insufficient_quota' }, 'quota'],
    [{ status: 429, type: 'engine_overloaded_error' }, 'rate-limited'],
    // Without a status the name decides.
    [{ type: 'overloaded_error' }, 'overloaded'],
    [{ type: 'rate_limit_error' }, 'rate-limited'],
    [{ type: 'RESOURCE_EXHAUSTED' }, 'rate-limited'],
    [{ type: 'invalid_request_error' }, 'invalid-request'],
    [{ type: 'server_error', code: 'server_error' }, 'upstream'],
    [{ type: 'authentication_error' }, 'auth'],
    [{ status: 200, type: 'permission_error' }, 'permission'],
    [{ code: 'constructor' }, 'upstream'],
    // A bare number means something else at each provider.
    [{ status: 400, code: '1004' }, 'invalid-request'],
    [{ type: 'base_resp', code: '1004' }, 'upstream'],
  ])('%j is %s', (failure, kind) => {
    expect(classifyProviderError({ message: 'Why.', ...failure }).kind).toBe(kind);
  });

  it.each<[string, number | undefined]>([
    ['Please try again in 1.5s.', 1500],
    ['Please retry in 38.2s.', 38_200],
    ['try again in 20ms', 20],
    ['Please try again in 1m30s. Visit', 90_000],
    ['Please retry after 20 seconds', 20_000],
    ['try again in 2 hours', 7_200_000],
    ['try again later', undefined],
  ])('finds the wait in %j', (message, expected) => {
    const reading = { rules: [], now: () => 0 };
    expect(classifyProviderError({ status: 429, message }, reading).details.retryAfterMs).toBe(expected);
    expect(classifyProviderError({ status: 429, message }).details).not.toHaveProperty('retryAfterMs');
  });

  it('prefers the header to the text', () => {
    expect(
      classifyProviderError({ status: 429, message: 'try again in 20s', retryAfterMs: 3000 }).details.retryAfterMs,
    ).toBe(3000);
  });

  it('writes a message if the provider sends none', () => {
    expect(classifyProviderError({ status: 500, message: ' ' }).message).toBe(
      'The provider answered with status 500 and no explanation.',
    );
  });

  it('keeps code and param', () => {
    expect(classifyProviderError({ status: 400, message: 'x', code: 'c', param: 'p' }).details).toEqual({
      status: 400,
      code: 'c',
      param: 'p',
    });
  });
});

describe("a provider's own rules", () => {
  const rules: ErrorRule[] = [
    {
      codes: { '77': 'auth', 'envelope:78': 'permission', rate_limit_exceeded: 'overloaded' },
      words: [{ pattern: /too many words/, kind: 'context-length' }],
      rejects: [
        { pattern: /unknown seal/, what: 'proofs' },
        { pattern: /cannot think/, what: 'effort' },
      ],
      readDelay: ({ code }, nowMs) => (code === '79' ? 5000 - nowMs : undefined),
    },
  ];

  it.each<[{ status?: number; code?: string; type?: string; message?: string }, ErrorKind]>([
    [{ status: 400, code: '77' }, 'auth'],
    [{ code: '77' }, 'auth'],
    [{ status: 400, type: 'Envelope', code: '78' }, 'permission'],
    [{ status: 400, code: '78' }, 'invalid-request'],
    [{ status: 429, code: 'Rate-Limit-Exceeded' }, 'overloaded'],
    [{ status: 400, message: 'too many words' }, 'context-length'],
    [{ status: 500, message: 'too many words' }, 'context-length'],
    [{ status: 400, code: 'model_not_found' }, 'not-found'],
    [{ code: 'constructor' }, 'upstream'],
  ])('make %j %s', (failure, kind) => {
    expect(classifyProviderError({ message: 'Why.', ...failure }, { rules }).kind).toBe(kind);
  });

  it('say which part of the request was rejected', () => {
    const rejected = (status: number, message: string) =>
      classifyProviderError({ status, message }, { rules }).details.rejected;
    expect(rejected(400, 'unknown seal')).toBe('proofs');
    expect(rejected(500, 'unknown seal')).toBeUndefined();
    expect(rejected(400, 'cannot think')).toBe('effort');
  });

  it('read the wait, unless headers state it or waits are not honored', () => {
    const failure = { status: 429, code: '79', message: 'try again in 20s' };
    const delay = (more: object, now?: () => number) =>
      classifyProviderError({ ...failure, ...more }, { rules, now }).details.retryAfterMs;
    expect(delay({}, () => 1000)).toBe(4000);
    expect(delay({ retryAfterMs: 7 }, () => 1000)).toBe(7);
    expect(delay({})).toBeUndefined();
  });
});

describe('redact', () => {
  it.each([
    [
      'Incorrect API key provided: sk-proj-abc***xyz1. See https://x/account',
      'Incorrect API key provided: [key]. See https://x/account',
    ],
    ['Authorization: Bearer abcdef1234567890', 'Authorization: Bearer [key]'],
    ['key AIzaSyA1234567890abcdefg is bad', 'key [key] is bad'],
    ['https://x/y?key=abcdef123456&alt=sse', 'https://x/y?key=[key]&alt=sse'],
    ['"x-api-key": "abcdef123456"', '"x-api-key": "[key]"'],
    ['proxy http://me:secret@host:1', 'proxy http://[key]@host:1'],
    ['token 0123456789abcdef0123456789abcdef.AbCdEfGhIjKlMnOp', 'token [key]'],
    ['eyJhbGciOiJIUzI1.eyJzdWIiOiIx.abc', '[key]'],
    ['gsk_abcdefghijk', '[key]'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it('a token of any length, also after a hyphen', () => {
    const token = `eyJ${'a'.repeat(3000)}.eyJzdWIiOiIx.abc`;
    expect(redact(`The token my-${token} is wrong`)).toBe('The token my-[key] is wrong');
    expect(redact(`"${token}"`)).toBe('"[key]"');
  });

  it.each([
    'Model gpt-5.4 does not exist',
    'risk-averse',
    'task-oriented_thing',
    'the key is: wrong',
    'Unknown key: prompt_cache_key',
    'Missing Bearer authentication',
    'api_key: required',
    'maximum 131072 tokens',
  ])('leaves %j', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('readErrorInside', () => {
  it.each([
    [{ id: 'x', choices: [] }],
    [{ choices: [], error: null }],
    [{ type: 'response.created', response: { error: null } }],
    [{ type: 'message_start', message: {} }],
    [{ id: 'r', object: 'response', output: [], error: null }],
    [{ object: 'chat.completion', code: 0, message: 'ok', choices: [] }],
    [{ base_resp: { status_code: 0 } }],
    ['text'],
    [null],
    [[]],
    [[1]],
  ])('takes %j for an answer', (body) => {
    expect(readErrorInside(body)).toBeUndefined();
  });

  it("uses the body's own status", () => {
    expect(readErrorInside({ error: { code: 429, message: 'Slow.' } })?.kind).toBe('rate-limited');
    expect(readErrorInside({ error: { code: 502, message: 'Gone.' } })?.details.status).toBe(502);
  });
});

it('what hints at a key is in every text that has one', () => {
  const hex = '0123456789abcdefABCDEF0123456789';
  const prefixes = ['sk', 'gsk', 'pk', 'rk', 'xai', 'nvapi', 'hf', 'r8', 'tgp', 'fw', 'csk', 'pplx'];
  const keys = [
    ...prefixes.flatMap((prefix) => ['-', '_'].map((separator) => `${prefix}${separator}a*.-b1`)),
    `${hex}.abcdefghijkl`,
    'eyJhbGciOiJIUzI1.eyJzdWIiOiIx.abc',
  ];
  for (const [pattern, , hint] of keyPatterns) {
    if (!hint) continue;
    const found = keys
      .flatMap((key) => [key, `The key "${key}" is wrong.`])
      .filter((text) => text.search(pattern) >= 0);
    expect(found.length).toBeGreaterThan(1);
    for (const text of found) expect(text, text).toMatch(hint);
  }
});
