// Errors of providers and gateways, by what they mean.
import type { ErrorKind } from '../../src/canonical/errors.ts';

/** An account without credit. */
export const noCredit: [name: string, status: number, body: unknown][] = [
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
  ['MiqroForge-Desktop#1190', 429, { error: { message: 'Token quota exhausted, please contact the administrator', code: 'consumer_token_quota_exceeded', type: 'quota_exceeded' } }],
  ['promptfoo#10866', 429, { error: { message: 'The balance of this organization is used up.', code: 'credit_balance_exhausted' } }],
  ['through a gateway', 500, { error: { message: '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}', code: 'upstream' } }],
  ['through two gateways', 502, { error: { message: `upstream: ${JSON.stringify({ error: { message: JSON.stringify({ error: { message: 'Insufficient Balance', code: 'x' } }) } })}` } }],
]; // prettier-ignore

/** What only looks like it. */
export const onlyLikeNoCredit: [name: string, status: number, body: unknown, kind: ErrorKind][] = [
  ['a quota of a minute', 429, [{ error: { code: 429, message: 'You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: x, limit: 15. Please retry in 38.2s.', status: 'RESOURCE_EXHAUSTED' } }], 'rate-limited'],
  ['Groq', 429, { error: { message: 'Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000. Please try again in 4.77s. Need more tokens? Upgrade to Dev Tier today at https://x/settings/billing', code: 'rate_limit_exceeded' } }, 'rate-limited'],
  ['OpenRouter', 429, { error: { code: 429, message: 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day' } }, 'rate-limited'],
  ['Azure', 429, { error: { code: '429', message: 'Requests have exceeded token rate limit of your current pricing tier. Please retry after 21 seconds. Please go here: https://x/quotaincrease' } }, 'rate-limited'],
  ['a window of a plan', 429, { error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 600 } }, 'rate-limited'],
  ['Cerebras (jp#1081)', 429, { message: 'Tokens per minute limit exceeded - too many tokens processed.', type: 'too_many_tokens_error', param: 'quota', code: 'token_quota_exceeded' }, 'rate-limited'],
  ['a window of a plan in words (hermes-agent#93455)', 429, { error: { message: 'Usage limit reached. Resets in 29min.' } }, 'rate-limited'],
  ['a request of its own', 400, { error: { message: "Invalid 'tools[0].function.name': 'check_balance'" } }, 'invalid-request'],
  ['a rate limit with 403', 403, { error: { message: 'Rate limit exceeded', status: 'x' } }, 'rate-limited'],
  ['a rate limit with 500', 500, { error: { message: 'Too many requests, please wait' } }, 'rate-limited'],
  ['a rate limit by name with 400', 400, { __type: 'ThrottlingException', code: 'ThrottlingException', message: 'Slow down' }, 'rate-limited'],
  ['a status that a gateway replaced', 502, { error: { code: 429, message: 'Provider returned error' } }, 'rate-limited'],
  ['a bad request through a gateway', 502, { error: { code: 400, message: 'Provider returned error' } }, 'upstream'],
]; // prettier-ignore

/** A conversation that is too long. */
export const tooLong: string[] = [
  'The model has reached its context window limit.',
  "Requested token count exceeds the model's maximum context length of 40960 tokens. You requested a total of 50000 tokens.",
  'prompt is too long: 3059586 tokens > 1000000 maximum',
  'request (25000 tokens) exceeds the available context size (8192 tokens), try increasing it',
  'Input is too long for requested model.',
  'Context size has been exceeded.',
  '请求超出模型最大上下文长度',
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
]; // prettier-ignore

/** A content filter’s refusal. */
export const filtered: [name: string, status: number, body: unknown][] = [
  ['DashScope', 400, { error: { code: 'data_inspection_failed', message: 'Output data may contain inappropriate content.' } }],
  ['DashScope, own API', 400, { code: 'DataInspectionFailed', message: 'Input data may contain inappropriate content.' }],
  ['Azure', 400, { error: { code: 'content_filter', message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", innererror: { code: 'ResponsibleAIPolicyViolation' } } }],
  ['a moderated model', 403, { error: { code: 403, message: 'x requires moderation. Your input was flagged for "violence".' } }],
  ['GLM', 400, { error: { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容' } }],
  ['MiniMax', 500, { error: { message: 'output new_sensitive (1027)' } }],
]; // prettier-ignore
