import { expect, it } from 'vitest';
import { complete } from '../../../../src/config/language/completion.ts';
import { readDocument, valueSpanAt } from '../../../../src/config/language/document.ts';
import { plainKeyAt } from '../../../../src/config/language/fixes.ts';
import { hoverAt } from '../../../../src/config/language/hover.ts';
import { lensesOf, linksOf } from '../../../../src/config/language/lenses.ts';
import { renamableAt } from '../../../../src/config/language/rename.ts';
import { definitionAt } from '../../../../src/config/language/symbols.ts';
import { config, facts } from './bench.ts';

const whole = config(
  '"default": "alpha,big-1", "tiers": ["default"], "webSearch": { "search_provider": "beta,big-2" }',
);

it('reads the names of a config, with what they stand for', () => {
  const document = readDocument(whole);
  expect(document.providers.map(({ name, models }) => [name, ...models])).toEqual([
    ['alpha', 'big-1', 'small,2'],
    ['beta', 'big-2'],
  ]);
  expect(document.presets.map(({ name, route }) => [name, route])).toEqual([
    ['careful', 'think'],
    ['cheap', 'beta,big-2'],
  ]);
  expect(document.routes.map(({ name, target }) => [name, target])).toEqual([
    ['default', 'alpha,big-1'],
    ['webSearch', 'beta,big-2'],
  ]);
});

it('copes with the text at every moment while it is typed: spans stay within it, and no key is shown', () => {
  for (let length = 0; length <= whole.length; length++) {
    const text = whole.slice(0, length);
    const document = readDocument(text);
    const offers = complete(document, length, facts);
    const hover = hoverAt(document, length, facts);
    const spans = [
      ...offers.map(({ span }) => span),
      ...lensesOf(document).map(({ span }) => span),
      ...linksOf(document, facts).map(({ span }) => span),
      ...[hover?.span, definitionAt(document, length), renamableAt(document, length)?.span].filter((each) => each),
    ];
    for (const span of spans) {
      expect(span?.start).toBeLessThanOrEqual(span?.end ?? -1);
      expect(span?.end).toBeLessThanOrEqual(length);
    }
    // An editor accepts only completions that are on one line and around the cursor.
    for (const { span } of offers) {
      expect(text.slice(span.start, span.end)).not.toContain('\n');
      expect(span.end).toBeGreaterThanOrEqual(length);
    }
    expect(JSON.stringify([offers, hover])).not.toContain('sk-plain');
  }
  expect(plainKeyAt(readDocument(whole), whole.indexOf('sk-plain'), [])?.key).toBe('sk-plain-0123456789');
});

it('finds nothing in text that is something else', () => {
  for (const text of ['', '[]', 'null', '{ "Providers": 1, "Presets": [], "Router": "x" }', '{ "Providers": [1, {}] }'])
    expect(readDocument(text)).toMatchObject({ providers: [], presets: [], routes: [] });
});

it('knows the key or the value that a problem is about, where it is on one line', () => {
  const document = readDocument(whole);
  const spanned = (part: string): string | undefined => {
    const span = valueSpanAt(document, whole.indexOf(part));
    return span && whole.slice(span.start, span.end);
  };
  expect(spanned('"alpha,big-1"')).toBe('"alpha,big-1"');
  expect(spanned('"Router"')).toBe('"Router"');
  expect(spanned('["big-1", "small,2"]')).toBe('["big-1", "small,2"]');
  expect(spanned('[\n    {')).toBeUndefined();
  expect(spanned('pha,big-1"')).toBeUndefined();
  expect(valueSpanAt(readDocument('{ "a": '), 5)).toBeUndefined();
});
