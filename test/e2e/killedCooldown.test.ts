// A provider that is rate-limited is on cooldown in the next process, too, even if the one that found out was killed.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rateLimit, toolScript } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { StandIn } from '../upstream/standIn.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const limitedKey = 'the-key-that-is-limited';
const prompt = 'What is the weather in the planted town?';

let standIn: StandIn;
let gateway: Gateway;
beforeAll(async () => {
  standIn = await startStandIn({
    provider: 'openai-responses',
    script: toolScript({ city: 'Zürich' }, 'It rains.'),
    apiKey: upstreamKey,
    badKeys: {
      [limitedKey]: rateLimit('Rate limit reached.'),
    },
  });
  const more = { protocol: 'responses' };
  gateway = await startGateway({
    Providers: [
      providerEntry('limited', standIn, ['gpt-5'], { ...more, api_key: limitedKey }),
      providerEntry('good', standIn, ['gpt-5'], more),
    ],
    Router: {
      default: 'limited,gpt-5',
      tiers: ['limited,gpt-5', 'good,gpt-5'],
      strategy: 'ordered',
      tierRetries: quickRetries,
    },
  });
}, 30_000);

afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});

/** How many requests the provider gets for one of a client. */
async function ask(): Promise<number> {
  const before = standIn.requests.length;
  const response = await fetch(`${gateway.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'any', input: prompt, max_output_tokens: 100 }),
  });
  expect(response.status, await response.text()).toBe(200);
  return standIn.requests.length - before;
}

const kept = (): string => {
  const folder = path.join(gateway.folders.home, '.claude-code-router/state');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
};

test(
  'a cooldown is known after kill -9, and what is kept has neither key nor prompt',
  { timeout: 30_000 },
  async () => {
    expect(await ask()).toBe(2);
    await expect.poll(kept, { timeout: 5000 }).toContain('"cooldowns"');
    await gateway.restart('SIGKILL');
    expect(await ask()).toBe(1);
    for (const planted of [limitedKey, upstreamKey, 'planted town']) expect(kept()).not.toContain(planted);
  },
);
