import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../../src/config/jsonSchema.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { commands } from '../../../src/manifest/commands.ts';
import { contributes } from '../../../src/manifest/contributes.ts';
import { names as attributeNames } from '../../../src/server/telemetry/attributes.ts';
import { spoken } from '../../../src/canonical/wording.ts';
import { transformerNames } from '../../../src/providers/findProvider.ts';
import { modelTable } from '../../../src/providers/modelTable.ts';
import type { Prices, TokenPrices } from '../../../src/providers/prices.ts';
import { transformerEffects } from '../../../src/providers/transformers.ts';
import { anchorsOf, table, withSections } from '../../support/markdown.ts';

// The reference in docs/configuration.md is generated from the schemas (UPDATE=1 rewrites it). Commands, settings, files,
// packages and configs that the pages mention must exist.

const projectFolder = path.join(import.meta.dirname, '../../..');
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...markdownIn('docs')];
const referencePage = path.join(projectFolder, 'docs/configuration.md');

function markdownIn(folder: string): string[] {
  const names = readdirSync(path.join(projectFolder, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${folder}/${name}`);
}

function read(page: string): string {
  return readFileSync(path.join(projectFolder, page), 'utf8');
}

/** Limitations to add to the description of a key. */
const noEffect = 'Accepted, but has no effect yet.';
const notYet: Record<string, string> = {
  'Providers[].model_info.NAME.max_output_tokens': 'No client uses it yet.',
  'Router.gpRouting': noEffect,
  LOG: noEffect,
  LOG_LEVEL: noEffect,
};

type JsonSchema = {
  type?: string | string[];
  description?: string;
  markdownDescription?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  anyOf?: JsonSchema[];
  items?: JsonSchema | JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema;
};

type Row = { key: string; type: string; standard: string; meaning: string };

/** A row for each key of an object, followed by the rows of its own keys. Objects with the same keys are listed once. */
function rowsOf(schema: JsonSchema, above: string, seen = new Map<string, string>()): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = above + name;
    const shape = JSON.stringify(value.additionalProperties?.properties ?? value.properties);
    const twin = shape?.includes(':') ? seen.get(shape) : undefined;
    if (shape !== undefined && twin === undefined) seen.set(shape, name);
    const row: Row = {
      key,
      type: typeOf(value),
      standard: schema.required?.includes(name) ? 'required' : standardOf(value),
      meaning: `${meaningOf(key, value)}${twin === undefined ? '' : ` The same keys as \`${twin}\`.`}`.trim(),
    };
    return [row, ...(twin === undefined ? childRows(value, key, seen) : [])];
  });
}

function childRows(schema: JsonSchema, key: string, seen: Map<string, string>): Row[] {
  if (schema.anyOf) return schema.anyOf.flatMap((choice) => childRows(choice, key, seen));
  if (schema.type === 'array') return childRows(itemOf(schema), `${key}[]`, seen);
  if (schema.type !== 'object') return [];
  const { additionalProperties: rest } = schema;
  const named = rest?.type === 'object' ? rowsOf(rest, `${key}.NAME.`, seen) : [];
  return [...rowsOf(schema, `${key}.`, seen), ...named];
}

function itemOf({ items }: JsonSchema): JsonSchema {
  return items === undefined || Array.isArray(items) ? {} : items;
}

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') {
    const { items } = schema;
    return Array.isArray(items) ? '[name, options]' : `list of ${typeOf(itemOf(schema))}`;
  }
  if (schema.type === 'object' && schema.additionalProperties?.type) {
    return `object of ${typeOf(schema.additionalProperties)}`;
  }
  return `${[schema.type ?? 'any'].flat().join(' or ')}${rangeOf(schema)}`;
}

/** The bounds that matter in practice. */
function rangeOf({ minimum, maximum }: JsonSchema): string {
  const least = minimum === undefined ? undefined : String(minimum);
  const most = maximum === undefined || maximum > 2 ** 30 ? undefined : String(maximum);
  if (most !== undefined) return `, ${least ?? ''} to ${most}`;
  return least === undefined || least === '0' ? '' : `, from ${least}`;
}

function standardOf({ default: value }: JsonSchema): string {
  const isEmpty = value === undefined || ['{}', '[]', '""', 'null'].includes(JSON.stringify(value));
  return isEmpty ? '' : `\`${JSON.stringify(value)}\``;
}

function meaningOf(key: string, { description, markdownDescription }: JsonSchema): string {
  return [description ?? markdownDescription, notYet[key]].filter((text) => text !== undefined).join(' ');
}

function keyTable(rows: Row[], above = ''): string {
  return table(
    ['Key', 'Value', 'Default', 'Meaning'],
    rows.map(({ key, type, standard, meaning }) => [`\`${key.slice(above.length)}\``, type, standard, meaning]),
  );
}

/** One table for the top level, and one for each key there that holds other keys. */
function groupedTables(rows: Row[]): string {
  const isTop = ({ key }: Row): boolean => !key.includes('.');
  const below = Map.groupBy(
    rows.filter((row) => !isTop(row)),
    ({ key }) => /^\w+(\[\])?(\.NAME)?/.exec(key)?.[0] ?? '',
  );
  const groups = [...below].map(([name, group]) => `### \`${name}\`\n\n${keyTable(group, `${name}.`)}`);
  return ['### Top level', keyTable(rows.filter(isTop)), ...groups].join('\n\n');
}

function sections(): Record<string, string> {
  const config = configJsonSchema() as JsonSchema;
  const { configuration } = contributes() as { configuration: JsonSchema };
  const effects = Object.entries(transformerEffects).map(([name, effect]) => [`\`${name}\``, spoken(effect)]);
  return {
    'config.json': groupedTables(rowsOf(config, '')),
    settings: keyTable(rowsOf(configuration, '')),
    models: modelsTable(),
    transformers: table(['Name', 'What it does'], effects),
    providers: transformerNames
      .filter((name) => !Object.hasOwn(transformerEffects, name))
      .map((name) => `\`${name}\``)
      .join(', '),
  };
}

function modelsTable(): string {
  const header = [
    'Model',
    'Window',
    'Output',
    'Reads',
    'Efforts',
    'Reasoning in',
    'USD per million tokens',
    'As of',
    '',
  ];
  const rows = modelTable.map(({ name, contextWindow, maxOutputTokens, inputModalities, efforts, ...entry }) => [
    name,
    contextWindow?.toLocaleString('en') ?? '',
    maxOutputTokens?.toLocaleString('en') ?? '',
    inputModalities?.join(', ') ?? '',
    efforts?.length === 0 ? "can't be steered" : (efforts?.join(', ') ?? ''),
    entry.reasoning ?? '',
    (entry.prices ?? []).map(pricesText).join('; then '),
    entry.date,
    entry.note ?? '',
  ]);
  return table(header, rows);
}

function pricesText({ until, peak, tiers = [], ...base }: Prices): string {
  return [
    tokenPricesText(base),
    ...tiers.map((tier) => `above ${tier.aboveInputTokens.toLocaleString('en')} tokens ${tokenPricesText(tier)}`),
    ...(peak
      ? [`times ${peak.factor} at ${peak.utcHours.map((hours) => hours.join('–')).join(', ')} UTC on weekdays`]
      : []),
    ...(until === undefined ? [] : [`until ${until}`]),
  ].join(', ');
}

/** Prices for: input, cache read, cache write, output. */
function tokenPricesText({ input, cacheRead, cacheWrite, output }: TokenPrices): string {
  const cached = [cacheRead, ...(cacheWrite === undefined ? [] : [cacheWrite])].map((price) => price ?? '–');
  return [input, ...cached, output].join(' / ');
}

describe('docs/configuration.md', () => {
  it('is what the schemas say (UPDATE=1 rewrites it)', () => {
    const stated = withSections(readFileSync(referencePage, 'utf8'), sections());
    if (process.env['UPDATE'] === '1') writeFileSync(referencePage, stated);
    expect(readFileSync(referencePage, 'utf8')).toBe(stated);
  });

  it('lists limitations only of keys that exist, and "no effect" only if no code reads the key', () => {
    const code = readdirSync(path.join(projectFolder, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/^(config|manifest)[\\/]|configTemplate/.test(name))
      .map((name) => read(`src/${name}`))
      .join('\n');
    const { configuration } = contributes() as { configuration: JsonSchema };
    const keys = [...rowsOf(configJsonSchema() as JsonSchema, ''), ...rowsOf(configuration, '')].map(({ key }) => key);
    const wrong = Object.entries(notYet).filter(([key, note]) => {
      const isRead = note === noEffect && new RegExp(`\\b${key.split('.').at(-1)}\\b`).test(code);
      return isRead || !keys.includes(key);
    });
    expect(wrong).toEqual([]);
  });
});

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('has no broken links', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)/g)].map(([, file = '', anchor = '']) => {
      const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
      return { target, anchor: anchor.slice(1) };
    });
    const broken = links.filter(({ target, anchor }) => {
      if (!existsSync(path.join(projectFolder, target))) return true;
      return anchor !== '' && !anchorsOf(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names commands and settings that exist', () => {
    const titles = Object.values(commands).map(({ title }) => `CCR: ${title}`);
    const quoted = [...text.matchAll(/\*\*(CCR: [^*]+)\*\*/g)].map(([, title]) => title ?? '');
    expect(quoted.filter((title) => !titles.includes(title))).toEqual([]);
    const { configuration } = contributes() as { configuration: JsonSchema };
    const named = [...text.matchAll(/`(ccr\.[a-z][\w.]*)`/g)].map(([, name]) => name ?? '');
    const known = [...Object.keys(configuration.properties ?? {}), ...Object.values(attributeNames)];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('shows configs that are accepted without problems', () => {
    const fences = [...text.matchAll(/^```jsonc?\n([\s\S]*?)\n```$/gm)].map(([, fence = '']) => fence);
    for (const example of fences.filter((fence) => fence.startsWith('{') && fence.includes('"Router"'))) {
      const loaded = loadConfig({
        homeDirectory: '/home/somebody',
        // Every variable has a value.
        environment: new Proxy({}, { getOwnPropertyDescriptor: describeVariable, get: variableValue }),
        knownTransformers: transformerNames,
        readFile: (file) => (file.endsWith('.env') ? '' : example),
      });
      expect(loaded.problems, example).toEqual([]);
    }
  });
});

it('CONTRIBUTING.md gives a reason for each package, and for no other', () => {
  const { devDependencies, dependencies = {} } = JSON.parse(read('package.json'));
  const named = [...read('CONTRIBUTING.md').matchAll(/^\| `([@\w/.-]+)` +\|/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(Object.keys({ ...devDependencies, ...dependencies }).toSorted());
});

function variableValue(_: object, name: string | symbol): string | undefined {
  return typeof name === 'string' && !name.startsWith('CCR_') ? 'a-value' : undefined;
}

function describeVariable(): PropertyDescriptor {
  return { configurable: true, enumerable: true, value: 'a-value' };
}
