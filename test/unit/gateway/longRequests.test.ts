import { describe, expect, it, vi } from 'vitest';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [{ name: 'a', api_base_url: 'http://a.test/v1', protocol: 'openai', models: ['m'] }],
  Router: { default: 'a,m' },
};
const answer = { choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] };

async function turnsOfOthers(characters: number, isLong: boolean): Promise<{ before: number; calls: number }> {
  const { ask, clock, calls } = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
  const after = vi.spyOn(clock, 'after');
  const body = { model: 'a,m', messages: [{ role: 'user', content: 'word '.repeat(characters / 5) }] };
  const { done } = ask({ dialect: 'openai-chat', body, isLong });
  await clock.advance(0);
  await done;
  return { before: after.mock.calls.filter(([delayMs]) => delayMs === 0).length, calls: calls.length };
}

describe('a long request', () => {
  it('lets others run after it was read, before it is translated and before it becomes text', async () => {
    await expect(turnsOfOthers(1_000_000, true)).resolves.toEqual({ before: 3, calls: 1 });
  });

  it('does the same when most of it is a stored conversation, once its length is known', async () => {
    await expect(turnsOfOthers(1_000_000, false)).resolves.toEqual({ before: 2, calls: 1 });
  });

  it('is sent without a wait if it is short', async () => {
    await expect(turnsOfOthers(1000, false)).resolves.toEqual({ before: 0, calls: 1 });
  });
});
