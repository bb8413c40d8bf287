// What Claude Code sends that CCR does not know yet (code.claude.com, "LLM gateway protocol": headers, betas and fields are open
// lists): Anthropic gets it verbatim, nobody else gets any of it.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const headers = {
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'advisor-tool-2026-03-01,a-beta-of-tomorrow-2027-01-01',
  'anthropic-of-tomorrow': 'yes',
  'x-api-key': 'client-secret',
  cookie: 'session=client-secret',
};

/** Claude Code 2.1.275 declared this tool in each request, which every provider but Anthropic refused with a 400. */
const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-7' };

/** Claude Code 2.1.265: a pattern in a tool's schema that validators other than Anthropic's refused. */
const artifact = {
  name: 'Artifact',
  description: 'Writes an artifact.',
  input_schema: {
    type: 'object',
    properties: { id: { type: 'string', pattern: String.raw`^(?!.*\.\.)[\p{L}\p{N}_-]+$` }, text: { type: 'string' } },
    required: ['id'],
  },
};

const body: JsonObject = {
  model: 'auto',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'hi' }],
  tools: [advisor, artifact],
  field_of_tomorrow: { a: [1] },
};

const answers: Record<string, object> = {
  anthropic: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'OK' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } }, // prettier-ignore
  openai: { choices: [{ index: 0, message: { role: 'assistant', content: 'OK' }, finish_reason: 'stop' }] },
  responses: { object: 'response', status: 'completed', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'OK' }] }] }, // prettier-ignore
};

async function ask(provider: { name: string; models: string[]; protocol: string }) {
  const given = { api_base_url: 'http://some.test', api_key: 'k', ...provider };
  const config = { Providers: [given], Router: { default: `${given.name},${given.models[0]}` } };
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answers[provider.protocol] ?? {})));
  const { received, done } = bench.ask({ dialect: 'anthropic-messages', body, headers });
  await done;
  expect(received.status).toBe(200);
  const [call] = bench.calls;
  return { sent: JSON.parse(call?.body ?? '{}') as JsonObject, call, warnings: bench.records[0]?.warnings ?? [] };
}

it('Anthropic gets headers, betas, fields and tools of tomorrow verbatim, and no secret', async () => {
  const { sent, call } = await ask({ name: 'anthropic', models: ['claude-opus-4-7'], protocol: 'anthropic' });
  expect(sent).toEqual({ ...body, model: 'claude-opus-4-7' });
  expect(call?.headers).toMatchObject({
    'anthropic-beta': headers['anthropic-beta'],
    'anthropic-of-tomorrow': 'yes',
    'anthropic-version': '2023-06-01',
  });
  expect(JSON.stringify(call)).not.toContain('client-secret');
});

describe.each([
  { name: 'somebody', models: ['m'], protocol: 'anthropic' },
  { name: 'glm', models: ['glm-5.2'], protocol: 'anthropic' },
  { name: 'openrouter', models: ['anthropic/claude-opus-4-7'], protocol: 'anthropic' },
  { name: 'deepseek', models: ['deepseek-chat'], protocol: 'openai' },
  { name: 'openai', models: ['gpt-5.6'], protocol: 'responses' },
])('$name over $protocol', (provider) => {
  it('gets none of it, and one warning names the tool that was dropped', async () => {
    const { sent, call, warnings } = await ask(provider);
    expect(Object.keys(call?.headers ?? {}).filter((name) => /^anthropic-(?!version)/.test(name))).toEqual([]);
    const text = JSON.stringify(sent);
    expect(text).not.toMatch(/advisor|tomorrow/);
    expect(text).toContain('(pattern: ');
    expect(text).not.toContain('"pattern"');
    expect(text).toContain('Artifact');
    expect(warnings.filter((warning) => warning.includes('advisor'))).toHaveLength(1);
  });
});
