import { expect, it } from 'vitest';
import { inEnglish } from '../../../../src/canonical/wording.ts';
import type { GatewayState } from '../../../../src/control/protocol.ts';
import { providerNodes } from '../../../../src/vscode/views/providerNodes.ts';
import { stateOf } from '../fakes.ts';

const nodes = (target: Partial<GatewayState['targets'][number]>) =>
  providerNodes({
    state: stateOf({
      providers: [{ name: 'acme', enabled: true }],
      targets: [{ target: 'acme,large', tier: 'tier-0', state: 'cooldown', ...target }],
    }),
    storedKeys: [],
    now: 0,
    t: inEnglish,
  });

it('says what is wrong with a provider, in its own words too, on one line', () => {
  const [node] = nodes({ lastFailure: { at: 0, kind: 'auth', message: 'No\u202e\n[key](command:x)' } });
  expect(node?.description).toBe('failing: API key refused');
  expect(node?.tooltip).toBe(String.raw`acme
failing: API key refused
No\u202e\n[key](command:x)`);
});

it('says that a provider is paused whose failure was before a restart', () => {
  const [node] = nodes({ retryAt: 58_600 });
  expect(node?.description).toBe('on cooldown after a failure');
  expect(node?.children?.at(-1)?.description).toBe('on cooldown after a failure · others first for 59 s');
});
