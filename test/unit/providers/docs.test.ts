import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import type { BodyEdit } from '../../../src/providers/bodyEdits.ts';
import { everyProvider } from '../../../src/providers/everyProvider.ts';
import { providerQuirks, unknownProvider } from '../../../src/providers/findProvider.ts';
import { describeFeatures } from '../../../src/providers/features.ts';
import {
  describeFrames,
  thinkDescriptions,
  type ProviderQuirk,
  type QuirkContext,
  type WireQuirks,
} from '../../../src/providers/quirk.ts';
import { replayDescriptions, type ReplayRule } from '../../../src/providers/replay.ts';
import { commonSurfaces, describeSurface, writeAnew } from '../../../src/providers/surfaces.ts';
import { describeSchemas } from '../../../src/providers/toolSchemas.ts';
import { anchorOf, table, withSections } from '../../support/markdown.ts';

// docs/providers.md is made by walking what the quirk files state (UPDATE=1 rewrites it).

const projectFolder = path.join(import.meta.dirname, '../../..');
const page = path.join(projectFolder, 'docs/providers.md');

/** Models that a quirk tells apart, one of each kind. */
const models: Record<string, string[]> = {
  ollama: ['llama3.1', 'gpt-oss:20b', 'glm-5', 'kimi-k2'],
  lmstudio: ['qwen3.5', 'glm-4.7-flash', 'kimi-k2'],
  vllm: ['qwen3.5', 'glm-4.7-flash', 'kimi-k2'],
  llamacpp: ['qwen3.5', 'glm-4.7-flash', 'kimi-k2'],
  gemini: [
    'gemini-2.0-flash',
    'gemini-2.5-flash',
    'gemini-2.5-pro',
    'gemini-3.5-flash',
    'gemini-3-pro',
    'gemini-3.1-pro',
  ],
  mistral: ['mistral-large-latest', 'mistral-medium-3.5', 'zai-glm-5-2'],
  openrouter: ['anthropic/claude-sonnet-5', 'google/gemini-2.5-pro', 'minimax/minimax-m2.5'],
  groq: ['openai/gpt-oss-120b', 'qwen/qwen3.6-27b', 'llama-3.3-70b-versatile'],
  qwen: ['qwen3.7-max', 'qwen3.6-plus', 'qwen3.8-max', 'qwen3-32b', 'qwen3-coder-plus', 'glm-5.2'],
  xai: ['grok-4.6', 'grok-4.3', 'grok-4.20-multi-agent', 'grok-3-mini', 'grok-4-fast'],
  openai: ['gpt-4o', 'o3', 'gpt-5', 'gpt-5.1', 'gpt-5.2', 'gpt-5.4', 'gpt-5.6'],
  anthropic: ['claude-haiku-4-5', 'claude-opus-4-5', 'claude-opus-4-7', 'claude-sonnet-5-5', 'claude-opus-5-5'],
  deepseek: ['deepseek-v4-pro', 'deepseek-vl2'],
  glm: ['glm-4.6v', 'glm-5.2', 'glm-5.3'],
  minimax: ['minimax-m2.7', 'minimax-m3', 'minimax-m3.1-flash'],
  kimi: ['kimi-k2.5', 'kimi-k2.7-code', 'kimi-k3'],
};

const protocols: Record<DialectId, string> = {
  'openai-chat': 'Chat',
  'openai-responses': 'Responses',
  'anthropic-messages': 'Messages',
};

type Stated = { change: string; source: string };
/** What a quirk may look at, in words; a dimension that has one value only is left out of them. */
type Case = { model: string; place: string; options: string };

function statedBy(protocol: DialectId, wire: WireQuirks): Stated[] {
  const { features, schemas, think, frames, keyHeader, toolTurns } = wire;
  return [
    ...(toolTurns ? [toolTurns] : []),
    ...(keyHeader ? [keyHeader] : []),
    ...describeFeatures(protocol, features?.has ?? {}).map((change) => ({ change, source: features?.source ?? '' })),
    ...(wire.surface ? [{ change: describeSurface(protocol, wire.surface), source: wire.surface.source }] : []),
    ...(schemas ? [{ change: describeSchemas(schemas.profile), source: schemas.source }] : []),
    ...(wire.requests ?? []),
    ...(wire.edits ?? []),
    ...(wire.replies ?? []),
    ...(wire.deltas ?? []),
    ...(wire.emptyAnswer ? [wire.emptyAnswer] : []),
    ...(think ? [{ change: thinkDescriptions[think.tags], source: think.source }] : []),
    ...(frames ? [{ change: describeFrames(frames), source: frames.source }] : []),
  ];
}

function contextsOf(quirk: ProviderQuirk): { labels: Case; context: QuirkContext }[] {
  const own = { place: 'its own API', hostname: quirk.hosts?.[0] ?? 'localhost', own: true };
  const places = quirk.family
    ? [
        own,
        { place: 'other hosts', hostname: 'models.example', own: false },
        { place: 'your own machine', hostname: 'localhost', own: false },
      ]
    : [own];
  const choices = quirk.name === 'openrouter' ? [{}, { provider: {} }] : [{}];
  return (models[quirk.name] ?? ['any-model']).flatMap((model) =>
    places.flatMap(({ place, ...context }) =>
      choices.map((options) => ({
        labels: { model: `\`${model}\``, place, options: Object.keys(options).length > 0 ? 'with options' : '' },
        context: { model, options, ...context },
      })),
    ),
  );
}

/** Each statement once, with the cases in which it holds. */
function walk<Told>(quirk: ProviderQuirk, protocol: DialectId, tell: (wire: WireQuirks) => Told[]): [Told, string][] {
  const contexts = contextsOf(quirk);
  const found = new Map<string, { told: Told; cases: Case[] }>();
  for (const { labels, context } of contexts) {
    for (const told of tell(quirk.wires[protocol]?.(context) ?? {})) {
      const known = found.get(JSON.stringify(told));
      if (known) known.cases.push(labels);
      else found.set(JSON.stringify(told), { told, cases: [labels] });
    }
  }
  const all = contexts.map(({ labels }) => labels);
  return [...found.values()].map(({ told, cases }) => [told, conditionOf(cases, all)]);
}

function conditionOf(cases: Case[], all: Case[]): string {
  const dimensions = (['place', 'model', 'options'] as const).map((name) => {
    const values = [...new Set(cases.map((each) => each[name]))];
    return { name, values, isAny: values.length === new Set(all.map((each) => each[name])).size };
  });
  const combinations = dimensions.reduce((product, { values }) => product * values.length, 1);
  expect(cases.length, 'a condition that can be told').toBe(combinations);
  return dimensions
    .flatMap(({ name, values, isAny }) =>
      isAny ? [] : [`${name === 'model' ? 'models like ' : ''}${values.join(', ')}`],
    )
    .join('; ');
}

/** One row for what is the same on several protocols. `rows` begin with the protocol. */
function merged(rows: string[][], protocolCount: number): string[][] {
  const found = new Map<string, { titles: string[]; rest: string[] }>();
  for (const [title = '', ...rest] of rows) {
    const known = found.get(JSON.stringify(rest));
    if (known) known.titles.push(title);
    else found.set(JSON.stringify(rest), { titles: [title], rest });
  }
  return [...found.values()].map(({ titles, rest }) => [
    titles.length > 1 && titles.length === protocolCount ? 'all' : titles.join(', '),
    ...rest,
  ]);
}

/** Sections of the facts as links. */
function linked(source: string): string {
  return source.replaceAll(
    /providers\.md, "([^"]+)"/g,
    (_, section: string) => `[facts: ${section}](reference/providers.md#${anchorOf(section)})`,
  );
}

function foundBy({ name, aliases = [], hosts = [], localPort, family, exactName }: ProviderQuirk): string {
  const code = (text: string): string => `\`${text}\``;
  const names = [name, ...aliases].map(code).join(', ');
  return [
    hosts.length > 0 ? `host ${hosts.map(code).join(', ')} or below` : '',
    localPort ? `port ${localPort} of your own machine` : '',
    `provider name ${names}${exactName ? ' and no other' : ''}`,
    family ? `models that match ${code(String(family))} at other hosts` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function sectionOf(quirk: ProviderQuirk): string {
  const rows = Object.entries(protocols).flatMap(([protocol, title]) =>
    walk(quirk, protocol as DialectId, (wire) => statedBy(protocol as DialectId, wire)).map(
      ([{ change, source }, when]) => [title, change, when, linked(source)],
    ),
  );
  const headers = quirk.headers ? [['all', quirk.headers.change, '', linked(quirk.headers.source)]] : [];
  const errors = (quirk.errors ?? []).map(({ change, source }) => ['all', change, '', linked(source)]);
  return [
    `### \`${quirk.name}\``,
    `Found by: ${foundBy(quirk)}.`,
    table(
      ['Protocol', 'What is changed', 'Only for', 'Source'],
      [...merged([...headers, ...rows], Object.keys(quirk.wires).length), ...errors],
    ),
  ].join('\n\n');
}

function unknownSection(): string {
  const rows = Object.entries(protocols).flatMap(([protocol, title]) =>
    statedBy(protocol as DialectId, unknownProvider[protocol as DialectId]).map(({ change, source }) => [
      title,
      change,
      source,
    ]),
  );
  const surfaces = Object.entries(protocols).flatMap(([protocol, title]) => {
    const surface = commonSurfaces[protocol as DialectId];
    const stated = surface ? [{ change: describeSurface(protocol as DialectId, surface), source: surface.source }] : [];
    const more = protocol === 'anthropic-messages' ? [writeAnew] : [];
    return [...stated, ...more].map(({ change, source }) => [title, change, source]);
  });
  const everybody = Object.entries(protocols).flatMap(([protocol, title]) =>
    everyProvider[protocol as DialectId].map(({ change, source }) => [
      title,
      `${change} So for every provider above.`,
      source,
    ]),
  );
  return table(
    ['Protocol', 'What is changed', 'Source'],
    [...surfaces, ...rows, ...everybody].map((row) => row.map(linked)),
  );
}

/** How reasoning comes from each provider and goes back to it. */
function reasoningTable(): string {
  const rows = providerQuirks.flatMap((quirk) => {
    const { arrives, source } = quirk.reasoning;
    const replays = Object.entries(protocols).flatMap(([protocol, title]) =>
      walk(quirk, protocol as DialectId, ({ replay, requests }) => (replay ? [shown(replay, requests)] : [])).map(
        ([{ policy, source: known }, when]) => [`${title}${when === '' ? '' : ` (${when})`}`, policy, known] as const,
      ),
    );
    const back =
      replays.length > 0 ? replays : [['Chat', 'as the model’s family wants it, else nothing.', ''] as const];
    return back.map(([title, policy, known], index) => [
      index === 0 ? `\`${quirk.name}\`` : '',
      index === 0 ? arrives : '',
      `${title}: ${policy}`,
      linked([...new Set(index === 0 ? [source, known] : [known])].filter((text) => text !== '').join('; ')),
    ]);
  });
  return table(['Provider', 'Reasoning arrives', 'Is passed back', 'Sources'], rows);
}

function shown(
  { policy, source }: ReplayRule,
  requests: WireQuirks['requests'] = [],
): Record<'policy' | 'source', string> {
  return { policy: [`${replayDescriptions[policy]}.`, ...requests.map(({ change }) => change)].join(' '), source };
}

describe('docs/providers.md', () => {
  test('is what the quirks state (UPDATE=1 rewrites it)', () => {
    const stated = withSections(readFileSync(page, 'utf8'), {
      reasoning: reasoningTable(),
      providers: providerQuirks.map(sectionOf).join('\n\n'),
      unknown: unknownSection(),
    });
    if (process.env['UPDATE'] === '1') writeFileSync(page, stated);
    expect(readFileSync(page, 'utf8')).toBe(stated);
  });

  test('shows every statement of every quirk file', () => {
    const text = readFileSync(page, 'utf8').replaceAll('\\', '');
    const folder = path.join(projectFolder, 'src/providers');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const changes = files.flatMap((name) =>
      [...readFileSync(path.join(folder, name), 'utf8').matchAll(/(?:change|arrives):\s+'((?:[^'\\]|\\.)+)'/g)].map(
        ([, change = '']) => change,
      ),
    );
    expect(changes.length).toBeGreaterThan(30);
    expect(changes.filter((change) => !text.includes(change))).toEqual([]);
  });

  test('an edit without a source does not compile', () => {
    // @ts-expect-error: it has no source.
    const edit: BodyEdit = { change: 'Something.', edit: (body) => body };
    expect(edit.source).toBeUndefined();
  });
});
