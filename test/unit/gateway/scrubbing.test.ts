// Scrubbing at its edges: short secrets, truncated texts, and the fields of an error one by one.
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { redact } from '../../../src/canonical/providerError.ts';
import { cleanErrors } from '../../../src/gateway/replyErrors.ts';
import { createScrub, scrubError } from '../../../src/gateway/scrub.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

describe('a secret', () => {
  it('is one from six characters on: shorter ones are ordinary words', () => {
    const scrub = createScrub(['sixsix', 'fives']);
    expect(scrub('It is sixsix or fives.')).toBe('It is [key] or fives.');
  });

  it('is removed where a truncated text ends within it, but not from ordinary text', () => {
    const scrub = createScrub(['abcdefghij']);
    expect(scrub('It is abcdefghi')).toBe('It is [key]');
    expect(scrub('It is abcdef')).toBe('It is [key]');
    expect(scrub('It is abcde')).toBe('It is abcde');
    expect(scrub('It is abcdef… and so on')).toBe('It is [key]… and so on');
    expect(scrub('abcdef is ordinary here')).toBe('abcdef is ordinary here');
  });
});

it('the rest of a secret is removed that was redacted in part before', () => {
  const secret = 'abcd1234efgh!and-more';
  const redacted = redact(`Wrong: Bearer ${secret}`);
  expect(redacted).toBe('Wrong: Bearer [key]!and-more');
  expect(createScrub([secret])(redacted)).toBe('Wrong: Bearer [key]');
});

it('a secret is removed however it is written', () => {
  const secret = 'a sécret+key/of "one"';
  const scrub = createScrub([secret]);
  for (const encoding of ['hex', 'base64', 'base64url'] as const)
    for (const before of ['', 'a', 'ab'])
      for (const bytes of [Buffer.from(before + secret), Buffer.from(before + secret, 'latin1')])
        expect(scrub(`It is ${bytes.toString(encoding)}.`), `${encoding} ${before}`).toMatch(
          /^It is [\w+/-]{0,4}\[key\][\w=+/-]{0,4}\.$/,
        );
  expect(scrub(encodeURIComponent(secret) + JSON.stringify(secret))).toBe('[key]"[key]"');
});

describe('an error', () => {
  const scrub = createScrub(['secret-key']);

  it('without a secret is the same one', () => {
    const error = new GatewayError('auth', 'No.', { code: 'c', param: 'p', cause: new Error('why') });
    expect(scrubError(error, scrub)).toBe(error);
    const bare = new GatewayError('auth', 'No.');
    expect(scrubError(bare, scrub)).toBe(bare);
  });

  it.each([
    ['No: secret-key', {}, { message: 'No: [key]' }],
    ['No.', { code: 'secret-key', param: 'p' }, { message: 'No.', details: { code: '[key]', param: 'p' } }],
    ['No.', { code: 'c', param: 'secret-key' }, { message: 'No.', details: { code: 'c', param: '[key]' } }],
  ])('loses it, and its cause: %s %j', (message, details, expected) => {
    const scrubbed = scrubError(new GatewayError('auth', message, { ...details, status: 401, cause: message }), scrub);
    expect(scrubbed).toMatchObject({ kind: 'auth', ...expected });
    expect(scrubbed.details.status).toBe(401);
    expect(scrubbed.details.cause).toBeUndefined();
  });

  it('beside text in one batch loses it, and the text stays', () => {
    const deltas: Delta[] = [
      { type: 'text-delta', key: '0', text: 'secret-key' },
      { type: 'error', error: new GatewayError('auth', 'No: secret-key') },
    ];
    const cleaned = cleanErrors(deltas, scrub, false);
    expect(cleaned[0]).toBe(deltas[0]);
    expect(cleaned[1]).toMatchObject({ error: { message: 'No: [key]' } });
  });
});

it('a secret is not shown in part where an error is truncated within it', async () => {
  const key = 'own-key-of-one-which-is-long';
  const config = {
    Providers: [{ name: 'one', api_base_url: 'http://one.test/v1', api_key: key, models: ['m'] }],
    Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
  };
  // The message is cut at 4000 characters.
  const message = `${'no '.repeat(1330)}${key} and more`;
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(400, { error: { message } })));
  const body = { model: 'auto', messages: [{ role: 'user', content: 'Hi' }] };
  const { done, received } = bench.ask({ dialect: 'openai-chat', body });
  await done;
  expect(received.text).toContain('no no no');
  expect(received.text).not.toContain('own-k');
});
