import { describe, expect, it } from 'vitest';
import { wording } from '../../../src/canonical/wording.ts';
import { missingVariableOf, withVariable } from '../../../src/config/defineVariable.ts';
import { readDocument } from '../../../src/config/language/document.ts';
import { fixesOf } from '../../../src/config/language/fixes.ts';
import { load } from './loading.ts';

const withKey = (key: string): string =>
  `{ "Providers": [{ "name": "a", "api_base_url": "https://a.test", "api_key": "${key}", "models": ["m"] }], "Router": { "default": "a,m" } }`;

describe('a variable that nothing sets', () => {
  it.each(['${A_KEY}', '$A_KEY'])('is defined by a quick fix, as %s', (key) => {
    const text = withKey(key);
    const [problem] = load(text, { environment: {} }).problems;
    expect(problem && fixesOf(readDocument(text), problem)).toContainEqual({
      kind: 'define-variable',
      title: wording('Define {0} in the .env file', 'A_KEY'),
      name: 'A_KEY',
    });
  });

  it('of another value than a key is, too', () => {
    const text = withKey('k').replace('"models"', '"tier_name": "${LIMIT}", "models"');
    const problem = load(text, { environment: {} }).problems.find(({ message }) => message.includes('LIMIT'));
    expect(problem && missingVariableOf(problem)).toBe('LIMIT');
  });

  it('is none if it is a secret, or one that no .env file may set', () => {
    const of = (key: string) => load(withKey(key), { environment: {} }).problems.map(missingVariableOf);
    // And nothing at the default route.
    expect(of('${secret:a}')).toEqual([undefined, undefined]);
    expect(of('${CCR_KEY}')).toEqual([undefined, undefined]);
  });
});

describe('the .env file', () => {
  it.each([
    ['', 'A=\n', 2],
    ['B=1', 'B=1\nA=\n', 6],
    ['B=1\r\n', 'B=1\r\nA=\r\n', 7],
    ['AA=1\nexport A = 2\n', 'AA=1\nexport A = 2\n', 16],
  ])('%j gets a place for the value', (before, text, offset) => {
    expect(withVariable(before, 'A')).toEqual({ text, offset });
  });
});
