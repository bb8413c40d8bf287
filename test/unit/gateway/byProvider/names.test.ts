// Names as clients, configs and servers write them, at the surfaces of real providers.
import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../../src/canonical/request.ts';
import { replyWith } from '../../../support/gatewayBench.ts';
import {
  answerWith,
  askSurface,
  faultsOf,
  isSampled,
  realSurfaces,
  type Surface,
} from '../../../support/realSurfaces.ts';

const bare = (model: string): string => model.slice(model.lastIndexOf('/') + 1);

/** Spellings of a model's name, which its provider would refuse or not know. */
const spellings: readonly [name: string, (surface: Surface) => string][] = [
  ['a window', ({ model }) => `${model}[1m]`],
  ['capitals', ({ model }) => model.toUpperCase()],
  ['small letters', ({ model }) => model.toLowerCase()],
  ['a date', ({ model }) => `${model}-20260115`],
  ['a date with hyphens', ({ model }) => `${model}-2026-01-15`],
  ['a date and a window', ({ model }) => `${model}-20260115[1m]`],
  ['a date as Vertex has it', ({ model }) => `${model}@20260115`],
  ['the latest', ({ model }) => `${model}-latest`],
  ['the provider', ({ model, provider }) => `${provider.name}/${model}`],
  ['another maker', ({ model }) => `maker/${bare(model)}`],
  // `auto` alone asks for the default model.
  ['no maker', ({ model }) => (model === 'openrouter/auto' ? model : bare(model))],
  ['spaces', ({ model }) => ` ${model} `],
  ['hyphens for dots, as from OpenRouter (chatGPTBox#895)', ({ model }) => model.replaceAll(/(\d)\.(?=\d)/g, '$1-')],
  ['dots for hyphens', ({ model }) => model.replaceAll(/(\d)-(?=\d)/g, '$1.')],
  ['a region, as Bedrock has it', ({ model }) => `us.anthropic.${bare(model)}-20260115-v1:0`],
];

/** The model asked for is not the default one. */
const configOf = ({ provider }: Surface): object => ({
  Providers: [{ name: 'other', api_base_url: 'http://other.test/v1', models: ['another'] }, provider],
  Router: { default: 'other,another' },
});

const modelOf = (body: string | undefined): unknown => (JSON.parse(body ?? '{}') as JsonObject)['model'];

describe.each(realSurfaces)('$name', (surface) => {
  const answer = answerWith(surface.wire, { text: 'OK' });

  it.each(spellings.map((spelling, row) => [...spelling, row] as const).filter(([, , row]) => isSampled(surface, row)))('a model with %s', async (_name, spell, row) => {
    const faults = await faultsOf(surface, row, async (way) => {
      const model = spell(surface);
      const { bench, text } = await askSurface({ surface, ...way, config: configOf(surface), body: { model } }, answer);
      return [
        [modelOf(bench.calls[0]?.body), surface.model, `for ${model}`],
        [text.includes('OK'), true, text],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  }); // prettier-ignore

  it.each([307, 308])('a redirect with status %i to another host', async (status) => {
    const faults = await faultsOf(surface, status, async (way) => {
      const location = 'https://elsewhere.test/v1/x';
      const away = await askSurface({ surface, ...way }, () => Promise.resolve(replyWith(status, '', { location })));
      return [
        [away.attempts, 1],
        [away.text.includes(location), true, away.text],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  });

  it('a key with a line end', async () => {
    const provider = { ...surface.provider, api_key: 'sk-of-a-file\n' };
    const faults = await faultsOf(surface, 1, async (way) => {
      const { bench } = await askSurface({ surface: { ...surface, provider }, ...way }, answer);
      const { authorization, 'x-api-key': key } = bench.calls[0]?.headers ?? {};
      return [[key ?? authorization?.slice('Bearer '.length), 'sk-of-a-file']];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  });

  it('its own name in `transformer.use`, in other case', async () => {
    const named = (use: string): Surface => ({ ...surface, provider: { ...surface.provider, transformer: { use: [use] } } as Surface['provider'] }); // prettier-ignore
    const { name } = surface.provider;
    const known = name.startsWith('zai') ? 'glm' : name === 'together' ? 'openai' : name;
    const way = { client: surface.wire, stream: false };
    const bodies = [known, known.toUpperCase()].map(async (use) => {
      const { bench, warnings } = await askSurface({ surface: named(use), ...way }, answer);
      return { body: bench.calls[0]?.body, warnings };
    });
    const [lower, upper] = await Promise.all(bodies);
    expect(upper).toEqual(lower);
  });
});

/** Those that run a web search themselves, on a wire that names it. */
const searchers = ['openai', 'xai', 'anthropic'];

const search: Partial<Record<DialectId, object>> = {
  'openai-responses': { tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } },
  'anthropic-messages': { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] },
};

describe.each(realSurfaces)('a search that the client expects of $name', (surface) => {
  it.each(Object.keys(search) as (keyof typeof search)[])('for %s', async (client) => {
    for (const stream of [true, false]) {
      const asked = { surface, client, stream, body: search[client] ?? {} };
      const { text, bench, record } = await askSurface(asked, answerWith(surface.wire, { text: 'OK' }));
      const runs = searchers.includes(surface.provider.name) && surface.wire === client;
      const sent = bench.calls.map(({ body }) => body).join();
      expect({ runs: sent.includes('"web_search'), text }).toMatchObject({ runs });
      expect(record?.error?.message ?? 'none').toContain(
        runs ? 'none' : 'No configured target can run the hosted tool',
      );
    }
  });
});
