// What a process that is killed has found out and stored is known to the next one: that a provider is rate-limited, the record of a
// request, and a response that a client continues.
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

type Asked = { id: string; sent: number; requestId: string };

/** `sent`: how many requests the provider gets for one of a client. */
async function ask(more: object = {}): Promise<Asked> {
  const before = standIn.requests.length;
  const response = await fetch(`${gateway.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'any', input: prompt, max_output_tokens: 100, ...more }),
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  const { id } = JSON.parse(text) as { id: string };
  return { id, sent: standIn.requests.length - before, requestId: response.headers.get('x-request-id') ?? '' };
}

const state = (): string => path.join(gateway.folders.home, '.claude-code-router/state');

const kept = (): string =>
  readdirSync(state(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(path.join(parentPath, name), 'utf8'))
    .join('\n');

test(
  'a cooldown, a record and a response are known after kill -9, and what is kept has neither key nor prompt',
  { timeout: 60_000 },
  async () => {
    const conversation = { prompt_cache_key: 'planted-conversation' };
    const first = await ask(conversation);
    expect(first.sent).toBe(2);
    await expect.poll(kept, { timeout: 5000 }).toContain('"cooldowns"');
    await expect.poll(kept, { timeout: 5000 }).toContain('ccr1:');
    await expect.poll(kept, { timeout: 5000 }).toContain(first.requestId);
    await gateway.restart('SIGKILL');
    const { code, stdout, stderr } = await gateway.ccr(['explain', first.requestId]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('limited,gpt-5');
    const second = await ask({ ...conversation, previous_response_id: first.id, input: 'And tomorrow?' });
    expect(second.sent).toBe(1);
    // Its account is known too: the provider has the conversation, and gets only what is new.
    expect(standIn.requests.at(-1)?.body).toMatchObject({ previous_response_id: first.id, input: 'And tomorrow?' });
    const stored = await fetch(`${gateway.url}/v1/responses/${first.id}`);
    expect(await stored.json()).toMatchObject({ id: first.id, object: 'response' });
    await fetch(`${gateway.url}/v1/responses/${first.id}`, { method: 'DELETE' });
    await gateway.restart('SIGKILL');
    expect((await fetch(`${gateway.url}/v1/responses/${first.id}`)).status).toBe(404);
    for (const planted of [limitedKey, upstreamKey, 'planted']) expect(kept()).not.toContain(planted);
  },
);
