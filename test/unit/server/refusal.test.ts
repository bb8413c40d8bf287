import { describe, expect, it } from 'vitest';
import { refusalReply } from '../../../src/server/refusal.ts';

const message = 'Missing or wrong CCR token.';
const claudeCode = { 'user-agent': 'claude-cli/2.1.330 (external, cli)', 'anthropic-version': '2023-06-01' };

describe('a refusal', () => {
  it.each(['/chat/completions', '/responses', '/models', '/nothing'])('has the format of OpenAI at %s', (path) => {
    expect(refusalReply({ status: 401, message }, path, {})).toEqual({
      status: 401,
      body: { error: { message, type: 'authentication_error', param: null, code: 'invalid_api_key' } },
    });
  });

  it.each(['/messages', '/messages/count_tokens', '/messages/batches'])('has the format of Anthropic at %s', (path) => {
    expect(refusalReply({ status: 415, message }, path, {})).toEqual({
      status: 415,
      body: { type: 'error', error: { type: 'invalid_request_error', message } },
    });
  });

  it('has the format of Anthropic for its clients on every path', () => {
    expect(refusalReply({ status: 500, message }, '/models', { 'anthropic-version': '2023-06-01' })).toEqual({
      status: 500,
      body: { type: 'error', error: { type: 'api_error', message } },
    });
  });

  it('turns a 401 into a 403 for Claude Code, which would retry for minutes', () => {
    expect(refusalReply({ status: 401, message }, '/messages', claudeCode)).toEqual({
      status: 403,
      body: { type: 'error', error: { type: 'permission_error', message } },
    });
    expect(refusalReply({ status: 401, message }, '/messages', {}).status).toBe(401);
  });
});
