// Reasons by which providers say that an answer was cut off, and calls that the model wrote wrongly: never a complete answer.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { dialectIds, event, wiresConfig } from '../../support/callWires.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

type Wire = 'openai-chat' | 'anthropic-messages';

function streamEnding(provider: Wire, reason: string, text: string) {
  if (provider === 'openai-chat') return chatChunk({ content: text }) + chatChunk({}, reason) + 'data: [DONE]\n\n';
  return [
    event('message_start', { message: { id: 'm', content: [] } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: reason } }),
    event('message_stop', {}),
  ].join('');
}

function wholeEnding(provider: Wire, reason: string, text: string) {
  return provider === 'openai-chat'
    ? { id: 'c', choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: reason }] }
    : { id: 'm', type: 'message', role: 'assistant', content: [{ type: 'text', text }], stop_reason: reason };
}

async function ask(client: DialectId, provider: Wire, stream: boolean, reason: string, text = 'Half an ans') {
  const body = stream ? streamEnding(provider, reason, text) : wholeEnding(provider, reason, text);
  const bench = createGatewayBench(wiresConfig, () => Promise.resolve(replyWith(200, body)));
  const model = `${provider},m`;
  const messages = [{ role: 'user', content: 'Hello' }];
  const asked = client === 'openai-responses' ? { model, stream, input: 'Hello' } : { model, stream, messages };
  const { done, received } = bench.ask({ dialect: client, body: { max_tokens: 50, ...asked } });
  await bench.clock.advance(0);
  while (await bench.clock.next());
  await done;
  return { ...received, record: bench.records[0] };
}

const cut: Record<DialectId, RegExp> = {
  'openai-chat': /"finish_reason":"length"/,
  'openai-responses': /"incomplete_details":\{"reason":"max_output_tokens"\}/,
  'anthropic-messages': /"stop_reason":"max_tokens"/,
};

describe.each(dialectIds)('for a client of %s', (client) => {
  describe.each(['openai-chat', 'anthropic-messages'] as const)('of a provider of %s', (provider) => {
    // Mistral's, Gemini's, Hugging Face's and those of gateways.
    it.each(['model_length', 'MAX_TOKENS', 'max_completion_tokens', 'context_length_exceeded', 'max_new_tokens', 'truncated', 'length'])(
      '%s is a limit',
      async (reason) => {
        for (const stream of [true, false]) expect((await ask(client, provider, stream, reason)).text).toMatch(cut[client]);
      },
    ); // prettier-ignore

    it.each(['MALFORMED_FUNCTION_CALL', 'function_call_filter: MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL'])(
      '%s is an error that names it',
      async (reason) => {
        for (const stream of [true, false]) {
          const { record } = await ask(client, provider, stream, reason, '');
          expect(record?.error?.message).toContain(`a tool call that cannot be used: ${reason}`);
        }
      },
    );
  });
});
