import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { providerQuirks } from '../../src/providers/findProvider.ts';
import { modelTable } from '../../src/providers/modelTable.ts';

/**
 * Who may import whom (docs/architecture.md): downwards only. A folder or a file directly below src is one unit; each
 * level may import the levels below it, and units of one level only where `sameLevel` says so.
 */
const levels: string[][] = [
  ['extension.ts', 'cli.ts', 'gatewayThread.ts'],
  ['cli', 'vscode'],
  ['doctor'],
  ['clients'],
  ['control', 'server'],
  ['capture'],
  ['gateway'],
  ['routing', 'observe'],
  ['dialects', 'providers', 'config', 'manifest'],
  ['transformers'],
  ['reasoning'],
  ['sse'],
  ['canonical'],
];

const sameLevel = new Set(['server>control', 'manifest>config']);

/** Modules that only one place may know. */
const reserved: Record<string, RegExp> = {
  vscode: /^(extension\.ts|vscode\/)/,
  undici: /^gateway\/connect\/httpClient\.ts$/,
  'node:http': /^(server|control)\//,
  'prom-client': /^observe\/metrics\.ts$/,
  '@opentelemetry/api': /^server\/telemetry\//,
  commander: /^(cli\.ts|cli\/)/,
};

/** `mcpServer.ts` and `otlp.ts` are loaded on demand. The figures over time are what media/dashboard draws. The last two are what package.json and media/config.schema.json are made from, by their tests. */
const entries = new Set([
  'extension.ts',
  'cli.ts',
  'gatewayThread.ts',
  'cli/mcpServer.ts',
  'server/telemetry/otlp.ts',
  'vscode/dashboard/series.ts',
  'config/jsonSchema.ts',
  'manifest/contributes.ts',
]);

const sourceFolder = path.join(import.meta.dirname, '../../src');

type SourceFile = { name: string; text: string; imports: string[] };

const files: SourceFile[] = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll(path.sep, '/'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const text = readFileSync(path.join(sourceFolder, name), 'utf8');
    const statements = /^(?:import|export)\b[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bawait import\('([^']+)'\)/gm;
    const imports = [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
    return { name, text, imports };
  });

function unitOf(name: string): string {
  return name.split('/')[0] ?? name;
}

function levelOf(unit: string): number {
  return levels.findIndex((level) => level.includes(unit));
}

function resolveImport(from: string, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier));
}

function localImports({ name, imports }: SourceFile): string[] {
  return imports.filter((specifier) => specifier.startsWith('.')).map((specifier) => resolveImport(name, specifier));
}

/** Where providers and models may be named: their folder, what package.json declares, and the template of a new config. */
const ownsNames = /^(providers\/|manifest\/|vscode\/configTemplate\.ts$)/;

/**
 * Where the objects of a request are made. V8 puts the functions of a literal's getters, and those that are assigned to a property, among
 * the old objects, so the collections that only look at young ones kept the whole request with them (docs/architecture.md).
 */
const perRequest =
  /^(?:sse|canonical|capture|dialects|gateway|providers|reasoning|routing|server|transformers)(?:\/|$)/;

/** Names of fields and models that are still in the core. The list may only shrink. */
const namesToMove: string[] = [
  'dialects/openaiChat/answerReader.ts: google',
  'dialects/openaiChat/extraContent.ts: google',
  'dialects/openaiChat/usage.ts: groq',
  'dialects/openaiChat/wire.ts: google',
];

/** Functions that are still over 80 lines, with the lines that they may have. The list may only shrink. */
const longFunctions: Record<string, number> = {
  'reasoning/thinkTags.ts createTagReader': 90,
};

/** Also the names of dialects and protocols, so the core has them too. */
const protocolNames = new Set(['openai', 'anthropic']);

/** Families that the core may name without a version: `claude` is also a client. */
const versionedFamilies = new Set(['claude', 'gpt']);

const familyNames = modelTable.flatMap(({ name }) => /^(?:other )?([a-z]{2,})/i.exec(name)?.[1]?.toLowerCase() ?? []);

const providerNames = new Set(
  [...providerQuirks.flatMap(({ name, aliases = [] }) => [name, ...aliases]), ...familyNames].filter(
    (name) => !protocolNames.has(name),
  ),
);

const namePatterns = [...providerNames].toSorted().map((name) => {
  const escaped = name.replaceAll('.', String.raw`\.`);
  const version = versionedFamilies.has(name) ? String.raw`-(\W*\d|opus|sonnet|haiku|fable)` : '(?![a-z])';
  // Long names are matched inside others too, since camelCase splits them at odd places (isMiniMax).
  const isLong = name.length > 5 && !versionedFamilies.has(name);
  return { name, pattern: new RegExp(isLong ? escaped : `(?<![a-z])${escaped}${version}`) };
});

/** The provider names in `code`, as words of their own or as parts of camelCase names. */
function providerNamesIn(code: string): string[] {
  const texts = [code.toLowerCase(), code.replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1 ').toLowerCase()];
  return namePatterns.filter(({ pattern }) => texts.some((text) => pattern.test(text))).map(({ name }) => name);
}

/** Lines that assign a function to a property. */
function functionsInProperties(code: string): string[] {
  return code.match(/^ +\w[\w.]*\.\w+ (?:\?\?)?= (?:async )?(?:function\b|\w+ =>|\(.*\)(?:: [^=]+)? =>).*$/gm) ?? [];
}

/** Without comments. A `//` inside a text, as in a URL, is none. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

/**
 * The functions in a formatted file: declarations, functions assigned to a name, and methods. A function ends at the first
 * closing brace with its own indentation.
 */
function functionsOf(text: string): { name: string; lines: number }[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    const match =
      /^(\s*)(?:export )?(?:default )?(?:async )?function\*? ?(\w+)/.exec(line) ??
      /^(\s*)(?:export )?(?:const|let) (\w+)\b.*= (?:async )?(?:\(|\w+ =>)/.exec(line) ??
      /^(\s+)(?:async )?\*?(?!if|for|while|switch|catch|return)(\w+)\(.*\{$/.exec(line);
    if (!match) return [];
    const [, indent = '', name = ''] = match;
    const isSingleLine = !/[({]$/.test(line);
    if (isSingleLine) return [];
    const length = lines.slice(start).findIndex((each) => new RegExp(`^${indent}\\}[;,)]*$`).test(each));
    return length < 0 ? [] : [{ name, lines: length + 1 }];
  });
}

/**
 * Lines that read a `Record<string, …>` by a computed name without `own` or `Object.hasOwn`: for "constructor" or "toString",
 * which clients and providers may send, that finds a function of Object.prototype.
 */
function inheritedReads(text: string): string[] {
  const code = codeOf(text);
  const tables = new Set([...code.matchAll(/\b(\w+)\??: (?:Readonly<)?Record<string, /g)].map((match) => match[1]));
  return code
    .split('\n')
    .filter((line) =>
      [...line.matchAll(/(?<![.\w])(\w+)\[([a-zA-Z][\w.]*)\](?! =[^=])/g)].some(
        ([, table]) => tables.has(table) && !line.includes(`Object.hasOwn(${table},`),
      ),
    )
    .map((line) => line.trim());
}

describe('architecture', () => {
  it('finds the source', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it('has a level for every file', () => {
    expect(files.map(({ name }) => unitOf(name)).filter((unit) => levelOf(unit) < 0)).toEqual([]);
  });

  it('imports downwards only', () => {
    const upward = files.flatMap((file) =>
      localImports(file)
        .filter((imported) => !imported.startsWith('..'))
        .filter((imported) => {
          const [from, to] = [unitOf(file.name), unitOf(imported)];
          if (from === to || sameLevel.has(`${from}>${to}`)) return false;
          return levelOf(to) <= levelOf(from);
        })
        .map((imported) => `${file.name} > ${imported}`),
    );
    expect(upward).toEqual([]);
  });

  it('keeps dialects apart', () => {
    const crossing = files
      .filter(({ name }) => name.startsWith('dialects/') && name.split('/').length > 2)
      .flatMap((file) =>
        localImports(file)
          .filter((imported) => imported.startsWith('dialects/') && imported.split('/').length > 2)
          .filter((imported) => imported.split('/')[1] !== file.name.split('/')[1])
          .map((imported) => `${file.name} > ${imported}`),
      );
    expect(crossing).toEqual([]);
  });

  it('knows special modules in their one place', () => {
    const stray = files.flatMap(({ name, imports }) =>
      Object.entries(reserved)
        .filter(([module, place]) => imports.includes(module) && !place.test(name))
        .map(([module]) => `${name} > ${module}`),
    );
    expect(stray).toEqual([]);
  });

  it('names no provider and no model family in the core', () => {
    const named = files
      .filter(({ name }) => !ownsNames.test(name))
      .flatMap(({ name, text }) => providerNamesIn(codeOf(text)).map((found) => `${name}: ${found}`));
    expect(named.toSorted()).toEqual(namesToMove.toSorted());
  });

  it('looks for the names of every provider', () => {
    for (const name of ['deepseek', 'dashscope', 'zai', 'kimi', 'grok', 'llama.cpp'])
      expect(providerNames).toContain(name);
    expect(providerNamesIn(codeOf("if (host === 'https://api.deepseek.com') return; // zai"))).toEqual(['deepseek']);
    expect(providerNamesIn('const isMiniMax = useGlmCodes();')).toEqual(['glm', 'minimax']);
    expect(providerNamesIn("model.startsWith('claude-opus-5') || /^gpt-[56]/.test(model)")).toEqual(['claude', 'gpt']);
    expect(providerNamesIn("protocol: 'anthropic'; client: 'claude-code'; header('openai-model')")).toEqual([]);
  });

  it('has no business codes of a provider in the core', () => {
    const canonical = files.filter(({ name }) => /^(canonical|gateway|dialects)\//.test(name));
    const codes = canonical.flatMap(({ name, text }) =>
      (codeOf(text).match(/(?<=['"`])\d{4}(?=['"`])|\bcase \d{4}\b|\b\d{4}: /g) ?? []).map(
        (code) => `${name}: ${code}`,
      ),
    );
    expect(codes).toEqual([]);
  });

  it('has no file over 300 lines', () => {
    const long = files.map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > 300)).toEqual([]);
  });

  it('has no function over 80 lines', () => {
    const long = files
      .flatMap(({ name, text }) => functionsOf(text).map((each) => ({ place: `${name} ${each.name}`, ...each })))
      .filter(({ lines }) => lines > 80);
    const tooLong = long.filter(({ place, lines }) => lines > (longFunctions[place] ?? 80));
    expect(tooLong.map(({ place, lines }) => `${place}: ${lines} lines`)).toEqual([]);
    const shortened = Object.keys(longFunctions).filter((place) => !long.some((each) => each.place === place));
    expect(shortened, 'take these off the list of long functions').toEqual([]);
  });

  it('measures functions', () => {
    const body = 'const a = 1;\n';
    expect(functionsOf(`export async function f(\n  x: X,\n): Y {\n  ${body}}\n`)).toEqual([{ name: 'f', lines: 5 }]);
    expect(functionsOf(`const g = ({\n  x,\n}: X): Y => {\n  ${body}};\n`)).toEqual([{ name: 'g', lines: 5 }]);
    expect(functionsOf(`class C {\n  async m(x: X): Promise<void> {\n    ${body}  }\n}\n`)).toEqual([
      { name: 'm', lines: 3 },
    ]);
    expect(functionsOf(`function outer() {\n  function inner() {\n    ${body}  }\n}\n`)).toEqual([
      { name: 'outer', lines: 5 },
      { name: 'inner', lines: 3 },
    ]);
  });

  it('reads a table by a name from outside only as its own property', () => {
    const reads = files.flatMap(({ name, text }) => inheritedReads(text).map((line) => `${name}: ${line}`));
    expect(reads).toEqual([]);
    const table = 'const table: Record<string, X> = {\n  a: 1,\n};\n';
    expect(inheritedReads(`${table}return table[key] ?? 0;\n`)).toEqual(['return table[key] ?? 0;']);
    expect(inheritedReads(`${table}const known = Object.hasOwn(table, key) ? table[key] : 0;\n`)).toEqual([]);
    expect(inheritedReads(`${table}const known = own(table, key) ?? table['a'];\n`)).toEqual([]);
    expect(inheritedReads('function f(table: Record<string, X>) {\n  if (table[key]) return;\n')).toHaveLength(1);
  });

  it('puts no function into a property for each request', () => {
    // One for each connection to a provider.
    const longLived = new Set(['gateway/connect/interimResponses.ts']);
    const assigned = files
      .filter(({ name }) => perRequest.test(name) && !longLived.has(name))
      .flatMap(({ name, text }) => functionsInProperties(codeOf(text)).map((line) => name + line));
    expect(assigned).toEqual([]);
    expect(
      functionsInProperties('  a.b = (x): void => go(x);\n  this.c ??= async () => 1;\n  d.e = f;\n'),
    ).toHaveLength(2);
  });

  it('makes no object with a getter for each request', () => {
    const getters = files
      .filter(({ name }) => perRequest.test(name))
      .flatMap(({ name, text }) =>
        (codeOf(text).match(/^ +(?:get|set) \w+\(.*\{$/gm) ?? []).map((line) => name + line),
      );
    expect(getters).toEqual([]);
  });

  it('has no file that nothing imports', () => {
    const imported = new Set(files.flatMap(localImports));
    expect(files.map(({ name }) => name).filter((name) => !entries.has(name) && !imported.has(name))).toEqual([]);
  });
});
