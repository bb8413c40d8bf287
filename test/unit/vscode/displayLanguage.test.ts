import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inEnglish, wording } from '../../../src/canonical/wording.ts';
import type { RequestView } from '../../../src/control/protocol.ts';
import { translateRequest, translateState } from '../../../src/vscode/displayLanguage.ts';
import { useTranslation } from '../../../src/vscode/l10n.ts';
import { stateOf } from './fakes.ts';

const german: Record<string, string> = {
  '{0} failed {1} s ago ({2}); others are tried first {3}.': '{0} schlug vor {1} s fehl ({2}); andere zuerst {3}.',
  'for {0} s': 'für {0} s',
  '{0} is on cooldown {1}': '{0} ist {1} pausiert',
};
beforeEach(() => useTranslation((message, ...values) => inEnglish(german[message] ?? message, ...values)));
afterEach(() => useTranslation(inEnglish));

describe('in the display language', () => {
  it('are the reasons for a degraded gateway', () => {
    const said = wording(
      '{0} failed {1} s ago ({2}); others are tried first {3}.',
      'a,m',
      3,
      'auth',
      wording('for {0} s', 60),
    );
    const state = stateOf({ status: 'degraded', reasons: ['a,m failed 3 s ago...'], reasonWording: [[said]] });
    expect(translateState(state).reasons).toEqual(['a,m schlug vor 3 s fehl (auth); andere zuerst für 60 s.']);
  });

  it('is why another target answered a request', () => {
    const detourWording = wording('{0} is on cooldown {1}', 'a,m', wording('for {0} s', 12));
    const request = { id: '1', route: { matched: 'a,m', candidates: [], detour: 'a,m is on...', detourWording } };
    expect(translateRequest(request as unknown as RequestView).route?.detour).toBe('a,m ist für 12 s pausiert');
  });
});

it('what an older gateway says stays as it is', () => {
  const state = stateOf({ status: 'degraded', reasons: ['a,m failed.'] });
  expect(translateState(state).reasons).toEqual(['a,m failed.']);
  const request = { id: '1', route: { matched: 'a,m', candidates: [], detour: 'a,m is on cooldown' } };
  expect(translateRequest(request as unknown as RequestView)).toEqual(request);
});
