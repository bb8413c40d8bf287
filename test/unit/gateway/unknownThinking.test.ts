import { expect, it } from 'vitest';
import { classifyProviderError } from '../../../src/canonical/providerError.ts';
import { anthropic } from '../../upstream/providers/anthropic.ts';
import { always, turn } from '../../upstream/scripts.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { playStandIn } from '../../support/playStandIn.ts';

const config = {
  Providers: [
    { name: 'somebody', api_base_url: 'http://some.test', protocol: 'anthropic', api_key: 'k', models: ['a-model'] },
  ],
  Router: { default: 'somebody,a-model' },
};

it('a Claude without a version in its name answers without a thinking budget if it rejects one, later at once', async () => {
  const { answer, refusals } = playStandIn(anthropic, always(turn({ text: 'Hello' })));
  const bench = createGatewayBench(config, answer);
  const ask = async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    const { done, received } = bench.ask({ dialect: 'openai-chat', body: { messages, reasoning_effort: 'high' } });
    await done;
    return received;
  };
  expect((await ask()).status).toBe(200);
  expect((await ask()).status).toBe(200);
  expect(refusals).toHaveLength(1);
});

it.each([
  '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" instead.',
  'adaptive thinking is not supported on this model',
  "thinking: Input tag 'adaptive' found using 'type' does not match any of the expected tags: 'disabled', 'enabled'",
  "Only 'enabled' and 'disabled' are supported for thinking; 'adaptive' is not supported.",
])('is distinguished from other errors: %s', (message) => {
  expect(classifyProviderError({ status: 400, message }).details.rejected).toBe('effort');
});
