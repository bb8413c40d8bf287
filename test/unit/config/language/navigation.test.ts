import { describe, expect, it } from 'vitest';
import { spokenIn } from '../../../support/spokenIn.ts';
import { readDocument, type Span } from '../../../../src/config/language/document.ts';
import { lensesOf, linksOf } from '../../../../src/config/language/lenses.ts';
import { renamableAt, renameChanges } from '../../../../src/config/language/rename.ts';
import { definitionAt } from '../../../../src/config/language/symbols.ts';
import { load, messages } from '../loading.ts';
import { config, facts, withCursor } from './bench.ts';

const cut = (text: string, span: Span | undefined): string | undefined => span && text.slice(span.start, span.end);

describe('go to definition', () => {
  function definition(marked: string): string | undefined {
    const { text, offset } = withCursor(marked);
    const span = definitionAt(readDocument(text), offset);
    return span && `${text.slice(0, span.start).split('\n').length}: ${cut(text, span)}`;
  }

  it('leads to the provider, its model, the preset, the route', () => {
    expect(definition(config('"default": "al|pha,big-1"'))).toBe('5: "alpha"');
    expect(definition(config('"default": "alpha,b|ig-1"'))).toBe('8: "big-1"');
    expect(definition(config('"default": "alpha,small|,2"'))).toBe('8: "small,2"');
    expect(definition(config('"default": "alpha,un|known"'))).toBe('5: "alpha"');
    expect(definition(config('"rules": [{ "when": {}, "preset": "che|ap" }]'))).toBe('13: "cheap"');
    expect(definition(config('"default": "beta,big-2", "tiers": ["de|fault"]'))).toBe('12: "default"');
    expect(definition(config('', ', "DebugCapture": { "providers": ["be|ta"] }'))).toBe('10: "beta"');
  });

  it('leads nowhere from other texts', () => {
    expect(definition(config('"default": "nobody,|x"'))).toBeUndefined();
    expect(definition(config('"longContextThreshold": 1|0'))).toBeUndefined();
    expect(definition(config('', ', "HOST": "al|pha"'))).toBeUndefined();
  });
});

describe('rename', () => {
  function rename(marked: string, newName: string): string {
    const { text, offset } = withCursor(marked);
    const document = readDocument(text);
    const found = renamableAt(document, offset);
    if (!found) throw new Error('nothing to rename');
    return renameChanges(document, found, newName)
      .toSorted((a, b) => b.span.start - a.span.start)
      .reduce((all, { span, text: inserted }) => all.slice(0, span.start) + inserted + all.slice(span.end), text);
  }

  const router = (provider: string): string =>
    `"default": "${provider},big-1", /* alpha stays */ "think": "beta,big-2", "tiers": ["think", "${provider},small,2"],
     "tierRetries": { "${provider}": {} }, "rules": [{ "when": { "model": "alpha,x" }, "route": "${provider},big-1" }]`;
  const more = (provider: string): string =>
    `, "Frontend": { "codex": { "modelMappings": { "alpha": "${provider},big-1" } } },
     "DebugCapture": { "providers": ["${provider}"] }, "_alpha": "alpha,x"`;

  it('renames a provider wherever it is named, from each of these places, and keeps the rest', () => {
    const before = config(router('alpha'), more('alpha'));
    const after = config(router('one'), more('one')).replace('"name": "alpha"', '"name": "one"');
    for (const place of ['"name": "al|pha"', '"default": "alp|ha,big-1"', '["al|pha"]']) {
      expect(rename(before.replace(place.replace('|', ''), place), 'one')).toBe(after);
    }
    expect(messages(load(after, { environment: { ALPHA_KEY: 'k' } }))).toEqual([]);
  });

  it('keeps the retries of a tier with a name of its own', () => {
    const text = '{ "Providers": [{ "name": "a|", "tier_name": "t" }], "Router": { "tierRetries": { "a": {} } } }';
    expect(rename(text, 'b')).toContain('"tierRetries": { "a": {} }');
  });

  it('renames a preset and what names it', () => {
    const named = (name: string): string =>
      `, "Budgets": [{ "per": "day", "usd": 1, "preset": "${name}" }],
       "Frontend": { "codex": { "modelMappings": { "cheap": "${name}" } } }`;
    const before = config('"default": "beta,big-2"', named('cheap'));
    const after = config('"default": "beta,big-2"', named('good')).replace('"cheap": { "route"', '"good": { "route"');
    for (const place of ['"che|ap": { "route"', '"preset": "che|ap"'])
      expect(rename(before.replace(place.replace('|', ''), place), 'good')).toBe(after);
  });

  it('selects the name without the model', () => {
    const { text, offset } = withCursor(config('"default": "al|pha,big-1"'));
    expect(cut(text, renamableAt(readDocument(text), offset)?.span)).toBe('alpha');
  });

  it('refuses names that are taken or impossible, and other texts', () => {
    const text = config('"default": "al|pha,big-1"');
    expect(() => rename(text, 'beta')).toThrow('There is already a provider "beta".');
    expect(() => rename(text, 'a,b')).toThrow('must not contain a comma');
    expect(() => rename(text, ' ')).toThrow('Enter a name');
    expect(rename(text, 'alpha')).toBe(text.replace('|', ''));
    for (const other of ['"default": "alpha,b|ig-1"', '"def|ault": "alpha,big-1"', '"default": "nobody|,x"'])
      expect(() => rename(config(other), 'x')).toThrow('nothing to rename');
  });
});

describe('lenses', () => {
  it('are above the names of providers and presets', () => {
    const text = config('"default": "alpha,big-1"');
    expect(
      spokenIn(lensesOf(readDocument(text))).map(({ span, title, argument }) => [cut(text, span), title, argument]),
    ).toEqual([
      ['"alpha"', 'Set Key', 'alpha'],
      ['"alpha"', 'Test', 'alpha'],
      ['"beta"', 'Set Key', 'beta'],
      ['"beta"', 'Test', 'beta'],
      ['"careful"', 'Use', 'careful'],
      ['"cheap"', 'Use', 'cheap'],
    ]);
  });

  it('offer no key for a server on this machine', () => {
    const text = '{ "Providers": [{ "name": "local", "api_base_url": "http://localhost:1/v1" }] }';
    expect(spokenIn(lensesOf(readDocument(text))).map(({ title }) => title)).toEqual(['Test']);
  });
});

describe('links', () => {
  it('lead to the keys of known providers, and otherwise to the URL', () => {
    const text = config('"default": "alpha,big-1"');
    expect(spokenIn(linksOf(readDocument(text), facts)).map(({ span, ...link }) => [cut(text, span), link])).toEqual([
      ['https://api.alpha.test/v1', { url: 'https://alpha.test/keys', tooltip: 'API keys of Alpha' }],
      ['https://beta.test/v1', { url: 'https://beta.test/v1', tooltip: 'Open this URL' }],
    ]);
  });

  it('are only of the web', () => {
    for (const url of ['command:x', 'file:///etc/passwd', '${URL}', ''])
      expect(linksOf(readDocument(`{ "Providers": [{ "name": "a", "api_base_url": "${url}" }] }`), facts)).toEqual([]);
  });
});
