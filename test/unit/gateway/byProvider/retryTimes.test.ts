// When to come back, in the forms of all providers and gateways, at each surface: the cooldown and the client's Retry-After say it.
import { describe, expect, it } from 'vitest';
import { replyWith } from '../../../support/gatewayBench.ts';
import { askSurface, faultsOf, isSampled, realSurfaces, type Surface } from '../../../support/realSurfaces.ts';

/** The clock's beginning: 2023-11-14T22:13:20Z. */
const now = 1_700_000_000_000;
const inSeconds = (seconds: number): string => new Date(now + seconds * 1000).toISOString();
const slow = { error: { message: 'Slow down.' } };

type Form = readonly [
  name: string,
  seconds: number,
  headers: Record<string, string>,
  body: object,
  isAt?: (surface: Surface) => boolean,
];

const isGlm = ({ provider }: Surface): boolean => provider.name.startsWith('zai');
const glmReset = 'Usage limit reached for 5 hour. Your limit will reset at 2023-11-15 07:13:20';

const forms: readonly Form[] = [
  ['seconds', 17, { 'retry-after': '17' }, slow],
  ['seconds with a fraction', 3, { 'retry-after': '2.5' }, slow],
  ['milliseconds', 3, { 'retry-after-ms': '2500' }, slow],
  ['a span', 90, { 'retry-after': '1m30s' }, slow],
  ['an HTTP date', 60, { 'retry-after': 'Tue, 14 Nov 2023 22:14:20 GMT' }, slow],
  ['RFC 3339', 60, { 'retry-after': inSeconds(60) }, slow],
  ['a Unix time (clawhub#407)', 90, { 'retry-after': String(now / 1000 + 90) }, slow],
  ['OpenAI’s resets (hindsight#3508)', 360, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s', 'x-ratelimit-remaining-tokens': '9', 'x-ratelimit-reset-tokens': '9h' }, slow],
  ['Groq’s resets', 8, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-limit-tokens': '6000', 'x-ratelimit-reset-tokens': '7.66s' }, slow],
  ['Anthropic’s resets', 30, { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': inSeconds(30) }, slow],
  ['Anthropic’s windows', 90, { 'anthropic-ratelimit-unified-5h-status': 'rejected', 'anthropic-ratelimit-unified-5h-reset': String(now / 1000 + 90), 'anthropic-ratelimit-unified-7d-status': 'allowed', 'anthropic-ratelimit-unified-7d-reset': String(now / 1000 + 9000) }, slow],
  ['OpenRouter’s reset', 42, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 42_000) }, slow],
  ['OpenRouter’s reset in the body (dirge#718)', 42, {}, { error: { message: 'Rate limit exceeded: free-models-per-min.', code: 429, metadata: { headers: { 'X-RateLimit-Limit': '20', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(now + 42_000) } } } }],
  ['the draft’s reset', 12, { 'ratelimit-remaining': '0', 'ratelimit-reset': '12' }, slow],
  ['RetryInfo', 35, {}, [{ error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }] } }]],
  ['a field of Codex', 700, {}, { error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 700, resets_at: now / 1000 + 700 } }],
  ['words of OpenAI', 5, {}, { error: { message: 'Rate limit reached for gpt-6 in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 4.77s.', code: 'rate_limit_exceeded' } }],
  ['words of Moonshot', 1, {}, { error: { message: 'Your account org-x request reached max organization concurrency: 3, please try again after 1 seconds', type: 'rate_limit_reached_error' } }],
  ['words of LiteLLM (litellm#27823)', 60, {}, { error: { message: 'No deployments available for selected model, Try again in 60 seconds. Passed model=x', code: '429' } }],
  // Then the usual times: the client may ask sooner, since a fallback may answer.
  ['a reset that is over (dirge#718)', 10, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now - 5000) }, slow],
  ['Z.AI’s date (9router#3612)', 3600, {}, { error: { code: '1308', message: glmReset } }, isGlm],
  ['a reset in the body that is over', 10, {}, { error: { message: 'Slow down.', code: 429, metadata: { headers: { 'X-RateLimit-Reset': String(now - 5000) } } } }],
  ['Z.AI’s date as Messages', 3600, {}, { type: 'error', error: { type: '1308', message: glmReset }, request_id: 'r' }, isGlm],
  ['Z.AI’s date behind a number', 3600, {}, { type: 'error', error: { type: 'rate_limit_error', message: `[1308][${glmReset}][2026]` } }, isGlm],
]; // prettier-ignore

/** The client's, where nothing is stated. */
const usual = new Map([[10, '5']]);

describe.each(realSurfaces)('$name', (surface) => {
  const here = forms.flatMap(([name, seconds, headers, body, isAt], row) =>
    (isAt ? isAt(surface) : isSampled(surface, row)) ? [[name, row, seconds, headers, body] as const] : [],
  );
  it.each(here)('%s', async (_name, row, seconds, headers, body) => {
    const faults = await faultsOf(surface, row, async (way) => {
      const asked = await askSurface({ surface, ...way }, () => Promise.resolve(replyWith(429, body, headers)));
      return [
        [asked.attempts, 1],
        [asked.headers['retry-after'], usual.get(seconds) ?? String(seconds), asked.text],
        [new RegExp(`on cooldown (for ${seconds} s|until 2023-11-14 23:13 UTC)`).test(asked.warnings), true, asked.warnings],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  }); // prettier-ignore
});
