import { expect, it } from 'vitest';
import { codeWord } from '../../../../src/vscode/dashboard/codeWords.ts';
import { pageTexts } from '../../../../src/vscode/dashboard/pageTexts.ts';
import { duration, waiting } from '../../../../src/vscode/dashboard/words.ts';

it('says the codes of a record in words of the display language', () => {
  const german = (message: string) => (message === 'default route' ? 'Standardroute' : message);
  expect(codeWord('reason', 'default', german)).toBe('Standardroute');
  expect(pageTexts(german)).toMatchObject({ 'reason.default': 'Standardroute', 'error.auth': 'API key refused' });
});

it('says that a budget chose while there is some left', () => {
  expect(codeWord('reason', 'budget')).toBe('budget nearly used up');
});

it('shows codes that it does not know as they are, names of Object.prototype too', () => {
  expect(codeWord('reason', 'a-newer-one')).toBe('a-newer-one');
  expect(codeWord('error', 'constructor')).toBe('constructor');
});

it('says a wait in whole seconds', () => {
  expect([waiting(58_600), waiting(300), waiting(61_000)]).toEqual(['59 s', '1 s', '1 min 1 s']);
});

it('says durations of minutes in whole seconds, and no seconds if there are none', () => {
  expect([duration(59_960), duration(60_000), duration(61_400), duration(119_700)]).toEqual([
    '1 min',
    '1 min',
    '1 min 1 s',
    '2 min',
  ]);
});
