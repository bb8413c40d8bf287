import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../../src/canonical/errors.ts';
import { classifyProviderError } from '../../../src/canonical/providerError.ts';
import type { DialectId } from '../../../src/canonical/request.ts';
import { dialectById } from '../../../src/dialects/registry.ts';
import type { ProviderIdentity } from '../../../src/providers/findProvider.ts';
import { readResetDelay } from '../../../src/providers/glm.ts';
import { find } from './find.ts';

type Failure = { status?: number; code?: string; type?: string; message?: string };

function classify(identity: Partial<ProviderIdentity>, failure: Failure) {
  const rules = find(identity).quirks.errors ?? [];
  return classifyProviderError({ message: 'Why.', ...failure }, { rules });
}

it.each<[string, Failure, ErrorKind]>([
  ['glm', { status: 429, code: '1302' }, 'rate-limited'],
  ['glm', { status: 429, code: '1305' }, 'overloaded'],
  ['glm', { status: 429, code: '1113' }, 'quota'],
  ['glm', { status: 429, code: '1308' }, 'rate-limited'],
  ['glm', { status: 429, code: '1309' }, 'quota'],
  ['glm', { status: 400, code: '1211' }, 'not-found'],
  ['glm', { code: '1261' }, 'context-length'],
  ['glm', { code: '1004' }, 'auth'],
  ['glm', { type: 'base_resp', code: '1008' }, 'upstream'],
  ['minimax', { type: 'base_resp', code: '1002' }, 'rate-limited'],
  ['minimax', { type: 'base_resp', code: '1004' }, 'auth'],
  ['minimax', { type: 'base_resp', code: '1008' }, 'quota'],
  ['minimax', { type: 'base_resp', code: '2013' }, 'invalid-request'],
  ['minimax', { type: 'base_resp', code: '1000' }, 'upstream'],
  ['minimax', { status: 400, code: '1004' }, 'invalid-request'],
  ['kimi', { status: 429, type: 'exceeded_current_quota_error' }, 'quota'],
  ['groq', { status: 400, code: 'tool_use_failed' }, 'upstream'],
  ['qwen', { status: 400, message: 'Range of input length should be [1, 98304]' }, 'context-length'],
  ['deepseek', { status: 400, code: '1004' }, 'invalid-request'],
])('%s: %j is %s', (name, failure, kind) => {
  expect(classify({ name }, failure).kind).toBe(kind);
});

it('counts an unmistakable code or wording at every provider', () => {
  expect(classify({}, { status: 400, code: 'tool_use_failed' }).kind).toBe('upstream');
  expect(classify({}, { status: 429, type: 'exceeded_current_quota_error' }).kind).toBe('quota');
  const message = 'Provider returned error: Could not decrypt the provided encrypted_content.';
  expect(classify({ name: 'openrouter' }, { status: 400, message }).details.rejected).toBe('proofs');
});

it.each<[string, string, 'proofs' | 'effort']>([
  ['xai', 'Could not decrypt the provided encrypted_content. Ensure', 'proofs'],
  ['xai', 'Could not decode the compaction blob. Ensure', 'proofs'],
  ['qwen', 'The value of the enable_thinking parameter is restricted to True.', 'effort'],
])('%s rejects %j: %s', (name, message, rejected) => {
  expect(classify({ name }, { status: 400, message }).details.rejected).toBe(rejected);
});

it("classifies the errors of a model's maker at other hosts", () => {
  expect(classify({ model: 'glm-5.2' }, { status: 429, code: '1113' }).kind).toBe('quota');
  expect(classify({ name: 'openrouter', model: 'z-ai/glm-5.2' }, { code: '1113' }).kind).toBe('quota');
  const identity = { name: 'glm', transformers: [{ name: 'identity' }] };
  expect(classify(identity, { code: '1113' }).kind).toBe('quota');
});

describe.each<DialectId>(['openai-chat', 'openai-responses', 'anthropic-messages'])('in %s', (id) => {
  const json = { error: { code: '1113', message: 'Insufficient balance' } };
  const errors = { rules: find({ name: 'glm' }).quirks.errors ?? [] };

  it('a code counts within a stream', () => {
    const kinds: string[] = [];
    const reader = dialectById(id).streamReader(
      (delta) => kinds.push(delta.type === 'error' ? delta.error.kind : delta.type),
      { errors },
    );
    reader.push({ data: JSON.stringify(json) });
    expect(kinds).toEqual(['quota']);
  });

  it('a code counts inside a 200', () => {
    expect(dialectById(id).readReply(json, { errors })).toMatchObject([{ type: 'error', error: { kind: 'quota' } }]);
  });
});

it('a code counts in a response that failed', () => {
  const errors = { rules: find({ name: 'glm' }).quirks.errors ?? [] };
  const response = { object: 'response', status: 'failed', error: { code: '1113', message: 'Insufficient balance' } };
  const [, last] = dialectById('openai-responses').readReply(response, { errors });
  expect(last ?? dialectById('openai-responses').readReply(response, { errors })[0]).toMatchObject({
    error: { kind: 'quota' },
  });
});

const english = 'Usage limit reached for 5 hour. Your limit will reset at 2026-09-09 05:38:28';
const chinese = '已达到 5 小时的使用上限。您的限额将在 2026-09-09 05:38:28 重置。';
const anHourBefore = Date.parse('2026-09-08T20:38:28Z');

it.each([
  ['in English', '1308', english, anHourBefore, 3_600_000],
  ['in Chinese', '1310', chinese, anHourBefore, 3_600_000],
  ['in the past', '1308', english, anHourBefore + 3_600_001, undefined],
  ['too far away to be true', '1308', english, anHourBefore - 9 * 86_400_000, undefined],
  ['without a time zone, of another provider', 'rate_limit', english, anHourBefore, undefined],
  ['without a code', undefined, english, anHourBefore, undefined],
  ['that is no date', '1308', 'Your limit will reset at 2026-99-99 05:38:28', anHourBefore, undefined],
  ['without a date', '1302', 'Rate limit reached', anHourBefore, undefined],
])('reads a date %s', (_, code, message, now, expected) => {
  expect(readResetDelay({ code, message }, now)).toBe(expected);
});
