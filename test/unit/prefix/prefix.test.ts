import { describe, expect, it } from 'vitest';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { chat, claude, codex, type LoopClient } from './loopClients.ts';
import { playLoop, promptOf, providers, type LoopProvider } from './loopProviders.ts';
import { everyNth } from '../matrix/sampling.ts';
import { script } from './script.ts';

const clients: (() => LoopClient)[] = [codex, () => chat(true), () => chat(false), claude];

/** The bodies that the provider got, one for each turn. */
async function runLoop(client: LoopClient, provider: LoopProvider) {
  const { model, ...config } = provider.config;
  const { answer, bodies, replays } = playLoop(provider);
  const bench = createGatewayBench(
    {
      Providers: [{ ...config, models: [model] }],
      Router: { default: `${config.name},${model}`, tierRetries: { 'tier-0': { max_retries: 0 } } },
    },
    answer,
  );
  for (const turn of script) {
    const { done, received } = bench.ask(client.ask());
    await done;
    expect(received.status, received.text).toBe(200);
    expect(received.text).not.toMatch(/response\.failed|"error":\{/);
    client.take(received.text, turn);
  }
  return { bodies, replays };
}

// Two clients at each provider by default, all of them in a full run.
describe.each(providers.map((provider, row) => ({ ...provider, row })))('$name', ({ row, ...provider }) => {
  it.each(everyNth(clients, 2, row).map((make) => [make().name, make] as const))(
    'sees a prompt that only grows, with its own reasoning as it was, from %s',
    async (_name, make) => {
      const { bodies, replays } = await runLoop(make(), provider);
      const prompts = bodies.map(promptOf);
      if (provider.wantsReasoning)
        expect(replays.flat().filter(({ sent, verbatim }) => sent !== '' && !verbatim)).toEqual([]);
      expect(prompts).toHaveLength(script.length);
      for (const [index, { head, items }] of prompts.entries()) {
        const next = prompts[index + 1];
        if (!next) continue;
        expect(next.head).toBe(head);
        expect(next.rest).toEqual(prompts[index]?.rest);
        expect(next.items.length).toBeGreaterThan(items.length);
        expect(next.items.slice(0, items.length)).toEqual(items);
      }
    },
  );
});
