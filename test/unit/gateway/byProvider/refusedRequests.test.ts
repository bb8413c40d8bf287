// Requests that a content filter refuses, as the providers and gateways word it: another attempt or key gives the same.
import { describe, expect, it } from 'vitest';
import { replyWith } from '../../../support/gatewayBench.ts';
import { askSurface, faultsOf, isSampled, realSurfaces } from '../../../support/realSurfaces.ts';

const refusals: readonly [name: string, status: number, body: object, words: string][] = [
  ['DeepSeek (BettaFish#108)', 400, { error: { message: 'Content Exists Risk', type: 'invalid_request_error', param: null, code: 'invalid_request_error' } }, 'Content Exists Risk'],
  ['DeepSeek, formerly (DeepSeek-V2#30)', 400, { detail: 'Content Exists Risk' }, 'Content Exists Risk'],
  ['xAI (sub2api#4785)', 403, { code: 'permission-denied', error: 'Content violates usage guidelines. ' }, 'Content violates usage guidelines.'],
  ['xAI, by check (inspect_ai#2267)', 403, { code: 'The caller does not have permission to execute the specified operation', error: 'Content violates usage guidelines. Team: t, API key ID: k, Model: grok-4-0709, Failed check: SAFETY_CHECK_TYPE_BIO' }, 'SAFETY_CHECK_TYPE_BIO'],
  ['Moonshot', 400, { error: { message: 'The request was rejected because it was considered high risk', type: 'content_filter' } }, 'considered high risk'],
  ['Z.AI', 400, { contentFilter: [{ level: 1, role: 'user' }], error: { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容，请您避免输入易产生敏感内容的提示语，感谢您的配合。' } }, '敏感内容'],
  ['MiniMax', 200, { base_resp: { status_code: 1026, status_msg: 'input new_sensitive' } }, 'input new_sensitive'],
  ['MiniMax, as Messages', 400, { type: 'error', error: { type: 'bad_request_error', message: 'input new_sensitive (1026)', http_code: '400' }, request_id: 'r' }, 'new_sensitive (1026)'],
  ['DashScope', 400, { error: { code: 'data_inspection_failed', param: null, message: 'Input text data may contain inappropriate content.', type: 'data_inspection_failed' }, request_id: 'r' }, 'inappropriate content'],
  ['OpenRouter', 403, { error: { code: 403, message: 'anthropic/claude requires moderation on Anthropic. Your input was flagged for "violence". No credits were charged.', metadata: { reasons: ['violence'], flagged_input: 'x', provider_name: 'Anthropic' } } }, 'Your input was flagged'],
  ['Azure', 400, { error: { message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", type: null, param: 'prompt', code: 'content_filter', status: 400, innererror: { code: 'ResponsibleAIPolicyViolation' } } }, 'content management policy'],
  ['OpenAI', 400, { error: { message: 'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.', type: 'invalid_request_error', param: null, code: 'invalid_prompt' } }, 'violating our usage policy'],
  ['OpenAI, of cyber attacks', 400, { error: { message: 'This content was flagged for possible cybersecurity risk.', type: 'invalid_request', param: null, code: 'cyber_policy' } }, 'cybersecurity risk'],
  ['Anthropic', 400, { type: 'error', error: { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' } }, 'content filtering policy'],
  ['Bedrock behind a gateway', 400, { error: { message: 'BedrockException - The request was blocked by the guardrail policy', type: 'invalid_request_error' } }, 'blocked by the guardrail policy'],
]; // prettier-ignore

describe.each(realSurfaces)('$name', (surface) => {
  it.each(refusals.map((refusal, row) => [...refusal, row] as const).filter((each) => isSampled(surface, each[4])))(
    '%s',
    async (_name, status, body, words, row) => {
      const faults = await faultsOf(surface, row, async (way) => {
        const asked = await askSurface({ surface, ...way }, () => Promise.resolve(replyWith(status, body)));
        // Inside a 200 it is an answer that was refused, unless frames are passed on as they are.
        const kind = asked.record?.attempts[0]?.error?.kind ?? 'refused';
        return [
          [asked.attempts, 1],
          [kind === 'invalid-request' || (kind === 'refused' && status === 200), true, kind],
          [asked.text.includes(words), true, asked.text],
          [asked.warnings.includes('cooldown'), false, asked.warnings],
        ];
      });
      expect(faults, faults.join('\n')).toEqual([]);
    },
  );
});
