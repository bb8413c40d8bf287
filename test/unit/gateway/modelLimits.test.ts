// Requests at the limits of models, from every kind of client, at stand-ins that refuse what the real servers refuse.

import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../src/canonical/request.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { playStandIn } from '../../support/playStandIn.ts';
import { checkPlainMessages } from '../../upstream/limits.ts';
import type { Profile } from '../../upstream/profile.ts';
import { anthropic } from '../../upstream/providers/anthropic.ts';
import { kimi } from '../../upstream/providers/kimi.ts';
import { mistral } from '../../upstream/providers/mistral.ts';
import { openAiResponses } from '../../upstream/providers/openaiResponses.ts';
import { vllm } from '../../upstream/providers/vllm.ts';
import { xaiResponses } from '../../upstream/providers/xaiResponses.ts';
import { always, turn } from '../../upstream/scripts.ts';

const copy: Profile = { ...anthropic, check: checkPlainMessages };

const targets = [
  ['openai', 'gpt-5.2', 'responses', openAiResponses],
  ['xai', 'grok-4.6', 'responses', xaiResponses],
  ['anthropic', 'claude-opus-4-6', 'anthropic', anthropic],
  ['anthropic', 'claude-opus-4-5', 'anthropic', anthropic],
  ['anthropic', 'claude-sonnet-5', 'anthropic', anthropic],
  ['somebody', 'claude-opus-4-6', 'anthropic', anthropic],
  ['somebody', 'a-model', 'anthropic', copy],
  ['kimi', 'kimi-k2.6', 'openai', kimi('native')],
  ['mistral', 'mistral-large-latest', 'openai', mistral],
  ['vllm', 'qwen3.5', 'openai', vllm()],
] as const;

/** A conversation at every limit: cut within an emoji, an empty turn, a begun answer, one token to answer with. */
const cut = 'cut off \ud83d';
const sampling = { temperature: 0.7, top_p: 0.9 };
const bodies: Record<DialectId, JsonObject> = {
  'openai-chat': {
    max_tokens: 1,
    ...sampling,
    messages: [
      { role: 'user', content: cut },
      { role: 'assistant', content: '' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: [{ type: 'text', text: '' }] },
      { role: 'user', content: 'c' },
      { role: 'assistant', content: 'Well, ' },
    ],
  },
  'openai-responses': {
    max_output_tokens: 1,
    ...sampling,
    store: false,
    reasoning: { effort: 'ultra' },
    client_metadata: { a: 'b' },
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: cut }] },
      { type: 'message', role: 'assistant', content: [] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'b' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Well, ' }] },
    ],
  },
  'anthropic-messages': {
    max_tokens: 1,
    ...sampling,
    system: ['a', 'b', 'c', 'd', 'e'].map((text) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } })),
    messages: [
      { role: 'user', content: [{ type: 'text', text: cut, cache_control: { type: 'ephemeral' } }] },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.', signature: '' }] },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: [{ type: 'text', text: '' }] },
      { role: 'user', content: 'c' },
      { role: 'assistant', content: 'Well, ' },
    ],
  },
};

const clients = Object.keys(bodies) as DialectId[];
const cases = targets.flatMap(([name, model, protocol, profile]) =>
  clients.flatMap((dialect) => [false, true].map((stream) => ({ name, model, protocol, profile, dialect, stream }))),
);

describe.each(cases)(
  '$name,$model for $dialect, streamed: $stream',
  ({ name, model, protocol, profile, dialect, stream }) => {
    it('takes a request at every limit at the first attempt', async () => {
      const { answer, refusals } = playStandIn(profile, always(turn({ text: 'OK' })));
      const provider = { name, api_base_url: 'http://model.test/v1', protocol, api_key: 'k', models: [model] };
      const bench = createGatewayBench({ Providers: [provider], Router: { default: `${name},${model}` } }, answer);
      const { received, done } = bench.ask({ dialect, body: { ...bodies[dialect], model: 'auto', stream } });
      await done;
      expect(refusals).toEqual([]);
      expect(received.text).toContain('OK');
      expect(received.status).toBe(200);
    });
  },
);
