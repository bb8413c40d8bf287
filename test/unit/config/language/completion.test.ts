import { describe, expect, it } from 'vitest';
import { spokenIn, type Spoken } from '../../../support/spokenIn.ts';
import { complete } from '../../../../src/config/language/completion.ts';
import type { Completion } from '../../../../src/config/language/completionItem.ts';
import { readDocument } from '../../../../src/config/language/document.ts';
import { parseConfigText } from '../../../../src/config/parse.ts';
import { config, facts, withCursor } from './bench.ts';

function completeAt(marked: string): Spoken<Completion>[] {
  const { text, offset } = withCursor(marked);
  return spokenIn(complete(readDocument(text), offset, facts));
}

const labels = (marked: string): string[] => completeAt(marked).map(({ label }) => label);

/** The text after the completion with this label was accepted. Places for the cursor become empty. */
function accept(marked: string, label: string): string {
  const { text } = withCursor(marked);
  const chosen = completeAt(marked).find((each) => each.label === label);
  if (!chosen) throw new Error(`not offered: ${label}`);
  const inserted = chosen.isSnippet
    ? chosen.insert.replaceAll(/\\([\\$}])|\$\d/g, (_, escaped: string | undefined) => escaped ?? '')
    : chosen.insert;
  return text.slice(0, chosen.span.start) + inserted + text.slice(chosen.span.end);
}

const targets = ['alpha,big-1', 'alpha,small,2', 'beta,big-2'];

describe('completion of targets', () => {
  it('offers every model of the config, with its window and its prices', () => {
    expect(completeAt(config('"default": "|"'))[0]).toMatchObject({
      label: 'alpha,big-1',
      detail: '200k window · $3 in, $15 out per 1M',
    });
    expect(labels(config('"default": "|"'))).toEqual(targets);
  });

  it.each([
    ['a string', '"default": "al|pha,x"', '"default": "beta,big-2"'],
    ['no value', '"default": |', '"default": "beta,big-2"'],
    ['an open string at the end of a line', '"default": "be|\n', '"default": "beta,big-2"\n'],
    ['the target of a search route', '"webSearch": { "search_provider": "|" }', '"search_provider": "beta,big-2"'],
  ])('replaces %s', (_, before, after) => {
    expect(accept(config(before), 'beta,big-2')).toContain(after);
  });

  it('offers routes where a route may stand, and presets where a preset may', () => {
    const router = '"default": "alpha,big-1", "think": "beta,big-2", "tiers": ["|"]';
    expect(labels(config(router))).toEqual(['default', 'think', ...targets]);
    const think = '"think": "alpha,big-1"';
    expect(labels(config(think, ', "Frontend": { "codex": { "modelMappings": { "gpt": "|" } } }'))).toEqual([
      'careful',
      'cheap',
      'think',
      ...targets,
    ]);
    expect(labels(config('"rules": [{ "when": {}, "preset": "|" }]'))).toEqual(['careful', 'cheap']);
    expect(labels(config('"rules": [{ "when": {}, "route": "|" }]'))).toEqual(targets);
    expect(labels(config('', ', "Budgets": [{ "per": "day", "usd": 1, "preset": "|" }]'))).toEqual([
      'careful',
      'cheap',
    ]);
    expect(labels(config('', ', "DebugCapture": { "providers": ["|"] }'))).toEqual(['alpha', 'beta']);
  });

  it('offers nothing where text names nothing', () => {
    for (const more of [', "HOST": "|"', ', "Persistence": { "mode": "|" }', ', "toString": "|"'])
      expect(labels(config('"default": "alpha,big-1"', more))).toEqual([]);
    expect(labels(config('"rules": [{ "when": { "model": "|" } }]'))).toEqual([]);
  });

  it('works in text that is not JSON', () => {
    for (const text of ['|', '{|', '[[|', '"|', `${'['.repeat(20_000)}|`]) expect(labels(text)).toEqual([]);
  });
});

describe('completion in a provider', () => {
  const provider = (fields: string): string =>
    `{ "Providers": [{ "name": "mine", "api_base_url": "https://api.alpha.test/v1", "models": ["big-1"], ${fields} }] }`;

  it('offers the models of the known provider that are not listed yet', () => {
    const marked = '{ "Providers": [{ "name": "alpha", "models": ["big-1", "|"] }] }';
    expect(labels(marked)).toEqual(['small-1']);
  });

  it('offers its models as keys', () => {
    expect(accept(provider('"model_info": { | }'), 'big-1')).toContain('"model_info": { "big-1": {} }');
    expect(accept(provider('"model_pricing": { "b|": {} }'), 'big-1')).toContain('"model_pricing": { "big-1": {} }');
    expect(labels(provider('"transformer": { "|" }'))).toEqual(['big-1']);
    expect(labels(provider('"|"'))).toEqual([]);
  });

  it('offers transformers with what they do', () => {
    for (const fields of ['"use": ["|"]', '"use": [["|", {}]]', '"big-1": { "use": ["|"] }'])
      expect(labels(provider(`"transformer": { ${fields} }`))).toEqual(['maxtoken', 'tooluse']);
    expect(completeAt(provider('"transformer": { "use": ["|"] }'))[0]?.detail).toBe('Lowers the limit.');
  });

  it('offers the base URLs of known providers', () => {
    expect(labels('{ "Providers": [{ "api_base_url": "|" }] }')).toEqual([
      'https://api.alpha.test/v1',
      'http://127.0.0.1:9/v1',
    ]);
  });
});

describe('completion of variables', () => {
  const key = (value: string): string => `{ "Providers": [{ "name": "a", "api_key": "${value}" }] }`;
  const all = ['${ALPHA_KEY}', '${BETA_KEY}', '${secret:alpha}'];

  it('offers names and where they are set, never values', () => {
    expect(labels(key('|'))).toEqual(all);
    expect(labels(key('$|'))).toEqual(all);
    expect(labels('{ "PROXY_URL": "http://${|" }')).toEqual(all);
    expect(completeAt(key('${|'))[0]?.detail).toBe('set in the environment');
  });

  it.each([['$|'], ['${|'], ['${|}'], ['${AL|OLD}']])('replaces the reference %s', (value) => {
    expect(accept(key(value), '${BETA_KEY}')).toBe(key('${BETA_KEY}'));
  });

  it('keeps the text around a reference', () => {
    expect(accept(key('x${|y'), '${BETA_KEY}')).toBe(key('x${BETA_KEY}y'));
    expect(accept(key('x${|${secret:b}'), '${BETA_KEY}')).toBe(key('x${BETA_KEY}${secret:b}'));
    expect(labels(key('${A}|'))).toEqual([]);
    expect(labels('{ "PROXY_URL": "|" }')).toEqual([]);
  });
});

describe('snippets for known providers', () => {
  const parsed = (marked: string, label: string): unknown => {
    const { value, problems } = parseConfigText('c.json', accept(marked, label));
    expect(problems).toEqual([]);
    return value;
  };
  const gamma = { name: 'gamma', api_base_url: 'http://127.0.0.1:9/v1', protocol: 'anthropic', models: [''] };

  it.each([
    ['an empty list', '{ "Providers": [|] }', []],
    ['the end of a list', '{ "Providers": [{ "name": "b" } |] }', [{ name: 'b' }]],
    ['after a comma and a comment', '{ "Providers": [{ "name": "b" }, // more }\n|] }', [{ name: 'b' }]],
    ['a typed word', '{ "Providers": ["ga|"] }', []],
  ])('completes %s', (_, marked, earlier) => {
    expect(parsed(marked, 'gamma')).toEqual({ Providers: [...earlier, gamma] });
  });

  it('separates the new entry from the next one', () => {
    expect(parsed('{ "Providers": [| { "name": "b" }] }', 'gamma')).toEqual({ Providers: [gamma, { name: 'b' }] });
  });

  it('refers to the key by its variable, and lists the suggested models', () => {
    expect(parsed('{ "Providers": [|] }', 'alpha')).toEqual({
      Providers: [
        {
          name: 'alpha',
          api_base_url: 'https://api.alpha.test/v1',
          api_key: '${ALPHA_KEY}',
          models: ['big-1', 'small-1'],
        },
      ],
    });
  });

  it('offers no provider twice, and none within an entry', () => {
    expect(labels('{ "Providers": [{ "name": "alpha" }, |] }')).toEqual(['gamma']);
    expect(labels('{ "Providers": [{ "name": "alpha", | }] }')).toEqual([]);
  });
});
