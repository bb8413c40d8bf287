import { describe, expect, it } from 'vitest';
import { spokenIn, type Spoken } from '../../../support/spokenIn.ts';
import { readDocument } from '../../../../src/config/language/document.ts';
import { fixesOf, plainKeyAt, type Fix } from '../../../../src/config/language/fixes.ts';
import type { TextChange } from '../../../../src/config/language/rename.ts';
import { load } from '../loading.ts';
import { config, withCursor } from './bench.ts';

const environment = { ALPHA_KEY: 'k-0123456789' };
const options = { environment, knownTransformers: ['maxtoken'] };

function apply(text: string, changes: readonly TextChange[]): string {
  return changes
    .toSorted((a, b) => b.span.start - a.span.start)
    .reduce((all, { span, text: inserted }) => all.slice(0, span.start) + inserted + all.slice(span.end), text);
}

/** The fixes of the config's only problem. */
function fixes(text: string): { code: string; fixes: Spoken<Fix>[] } {
  const { problems } = load(text, options);
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  if (!problem) throw new Error('no problem');
  return { code: problem.code, fixes: spokenIn(fixesOf(readDocument(text), problem)) };
}

/** Applies the fix with this title. The result has no problems. */
function fixed(text: string, title: string): string {
  const fix = fixes(text).fixes.find((each) => each.title === title);
  if (fix?.kind !== 'edit') throw new Error(`not offered: ${title}`);
  const after = apply(text, fix.changes);
  expect(load(after, options).problems).toEqual([]);
  return after;
}

const router = '"default": "alpha,big-1", "think": "beta,big-2"';

describe('fixes', () => {
  it.each([
    ['a misspelt key', 'unknown-key', '', ', "APIKEI": "t-0123456789"', 'Rename to "APIKEY"', '"APIKEY": "t-'],
    [
      'a misspelt model',
      'unknown-model',
      ', "image": "alpha,bigg-1"',
      '',
      'Use "alpha,big-1"',
      '"image": "alpha,big-1"',
    ],
    [
      'a misspelt provider',
      'unknown-provider',
      ', "image": "alpa,big-1"',
      '',
      'Use "alpha,big-1"',
      '"image": "alpha,big-1"',
    ],
    ['a misspelt route', 'not-a-target', ', "tiers": ["thinc"]', '', 'Use "think"', '["think"]'],
    [
      'a misspelt preset of a rule',
      'unknown-preset',
      ', "rules": [{ "when": {}, "preset": "cheep" }]',
      '',
      'Use "cheap"',
      '"preset": "cheap"',
    ],
    [
      'a misspelt provider of a rule',
      'unknown-provider',
      ', "rules": [{ "when": {}, "route": "betta,big-2" }]',
      '',
      'Use "beta,big-2"',
      '"route": "beta,big-2"',
    ],
    [
      'a misspelt preset of a budget',
      'unknown-preset',
      '',
      ', "Budgets": [{ "per": "day", "usd": 1, "preset": "cheep" }]',
      'Use "cheap"',
      '"preset": "cheap"',
    ],
    [
      'a misspelt preset of a mapping',
      'not-a-target',
      '',
      ', "Frontend": { "codex": { "modelMappings": { "m": "cheep" } } }',
      'Use "cheap"',
      '"m": "cheap"',
    ],
  ])('correct %s', (_, code, moreRouter, more, title, after) => {
    const text = config(router + moreRouter, more);
    expect(fixes(text).code).toBe(code);
    expect(fixes(text).fixes[0]).toMatchObject({ title, isPreferred: true });
    expect(fixed(text, title)).toContain(after);
  });

  it('correct a misspelt transformer, or remove it with its options', () => {
    const text = config(router).replace(
      '"models": ["big-2"]',
      '"transformer": { "use": [["maxtokn", {}]] }, "models": ["big-2"]',
    );
    expect(fixed(text, 'Use "maxtoken"')).toContain('[["maxtoken", {}]]');
    expect(fixed(text, 'Remove this entry')).toContain('"use": []');
  });

  it.each([
    ['an unknown key', '', ', "Nothing": 1', 'Remove "Nothing"', ''],
    ['a key without effect', '', ', "LOG": false', 'Remove "LOG"', ''],
    ['a rule', ', "rules": [{ "when": {}, "route": "zzz,x" }]', '', 'Remove this entry', ', "rules": []'],
    ['a tier', ', "tiers": ["default", "zzz,x"]', '', 'Remove this entry', ', "tiers": ["default"]'],
    ['a route', ', "image": "zzz,x"', '', 'Remove "image"', ''],
    ['a mapping', '', ', "Frontend": { "codex": { "modelMappings": { "m": "zzz,x" } } }', 'Remove "m"', undefined],
  ])('remove %s with its comma', (_, moreRouter, more, title, rest) => {
    const after = fixed(config(router + moreRouter, more), title);
    if (rest !== undefined) expect(after.replaceAll(/\s+/g, ' ')).toBe(config(router + rest).replaceAll(/\s+/g, ' '));
  });

  it('keep comments and lines', () => {
    const text = (lines: string): string => `{
  "Providers": [{ "name": "a", "api_base_url": "http://127.0.0.1:1", "models": ["m"] }],
${lines}  "Router": { "default": "a,m" }, // the end
}
`;
    const before = text('  // about nothing\n  "Nothing": { "x": [1] }, // why\n');
    expect(fixed(before, 'Remove "Nothing"')).toBe(text('  // about nothing\n  // why\n'));
    expect(fixed(text('  "Nothing": 1 /* c */ , \n'), 'Remove "Nothing"')).toBe(text('  /* c */  \n'));
    expect(fixed(text('  "Nothing":\n    1,\n'), 'Remove "Nothing"')).toBe(text(''));
    const windows = text('  "Nothing": 1,\n').replaceAll('\n', '\r\n');
    expect(fixed(windows, 'Remove "Nothing"')).toBe(text('').replaceAll('\n', '\r\n'));
  });

  it('remove the second of two keys or providers', () => {
    const twice = config(router, ', "PORT": 1, "PORT": 2');
    expect(fixed(twice, 'Remove "PORT"')).toContain(', "PORT": 2\n');
    const again = config(router).replace(
      /\n {2}\],/,
      ',\n    { "name": "beta", "api_base_url": "https://x.test", "api_key": "none", "models": ["m"] }\n  ],',
    );
    expect(fixed(again, 'Remove this entry')).toContain('"models": ["big-2"] }\n  ],');
  });

  it.each([
    ['temprature', 'temperature'],
    ['reasoning_efort', 'reasoning_effort'],
    ['max_tokesn', 'max_tokens'],
  ])('correct the parameter %s of a preset', (written, meant) => {
    const preset = (key: string): string =>
      config(router).replace('"route": "think" }', `"route": "think", "${key}": 1 }`);
    expect(fixed(preset(written), `Rename to "${meant}"`)).toBe(preset(meant));
  });

  it('accept other parameters of a preset', () => {
    const keys = ['min_tokens', 'top_a', 'seed', 'min_p', 'repetition_penalty', 'thinking', 'max_completion_tokens'];
    const parameters = keys.map((key) => `"${key}": 1`).join(', ');
    const text = config(router).replace('"route": "think" }', `"route": "think", ${parameters} }`);
    expect(load(text, options).problems).toEqual([]);
  });

  it('offer to set a missing key', () => {
    const text = config(router).replace('${ALPHA_KEY}', '${NOT_SET}');
    const [atProvider, atRoute, ...more] = load(text, options).problems.map(
      (problem) => [problem.code, spokenIn(fixesOf(readDocument(text), problem))] as const,
    );
    expect(more).toEqual([]);
    expect(atRoute).toEqual([
      'missing-key',
      [{ kind: 'set-key', title: 'Set the API key of alpha', provider: 'alpha', isPreferred: true }],
    ]);
    expect(atProvider).toEqual([
      'missing-key',
      [
        { kind: 'set-key', title: 'Set the API key of alpha', provider: 'alpha', isPreferred: true },
        { kind: 'define-variable', title: 'Define NOT_SET in the .env file', name: 'NOT_SET' },
      ],
    ]);
  });

  it('never remove the default route, and never write over a variable', () => {
    expect(fixes(config('"default": "zzz,x", "think": "beta,big-2"')).fixes).toEqual([]);
    const text = config(`${router}, "image": "\${T}"`);
    const { problems } = load(text, { environment: { ...environment, T: 'alpa,big-1' } });
    expect(problems.map(({ code, suggestion }) => [code, suggestion])).toEqual([['unknown-provider', undefined]]);
  });

  it('do not rename a key to one that is there', () => {
    const text = config(router, ', "PORTT": 1, "PORT": 1');
    expect(fixes(text).fixes.map(({ title }) => title)).toEqual(['Remove "PORTT"']);
  });
});

describe('plain keys', () => {
  function plainKey(marked: string, secrets: string[] = []) {
    const { text, offset } = withCursor(marked);
    const found = plainKeyAt(readDocument(text), offset, secrets);
    return found && { ...found, change: apply(text, [found.change]) };
  }
  const provider = (fields: string): string => `{ "Providers": [{ "name": "a", ${fields} }] }`;

  it('move to the secret of their provider', () => {
    expect(plainKey(provider('"api_key": "sk-|0123456789" /* mine */'))).toEqual({
      provider: 'a',
      key: 'sk-0123456789',
      secret: 'a',
      change: provider('"api_key": "${secret:a}" /* mine */'),
    });
  });

  it('of a pool get free names', () => {
    const pool = provider('"api_keys": ["${secret:a-2}", "sk-|0123456789"]');
    expect(plainKey(pool, ['a-3'])?.change).toBe(provider('"api_keys": ["${secret:a-2}", "${secret:a-4}"]'));
  });

  it('are no placeholders, references, or texts of other fields, and replace no stored key', () => {
    for (const fields of ['"api_key": "no|ne"', '"api_key": "${LONG|_NAME}"', '"api_base_url": "https://|a.test"'])
      expect(plainKey(provider(fields))).toBeUndefined();
    expect(plainKey(provider('"api_k|ey": "sk-0123456789"'))).toBeUndefined();
    expect(plainKey(provider('"api_key": "sk-|0123456789"'), ['a'])).toBeUndefined();
  });
});
