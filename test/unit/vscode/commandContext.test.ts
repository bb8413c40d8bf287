import { expect, it, vi } from 'vitest';
import type { RequestView } from '../../../src/control/protocol.ts';
import { createCommandContext } from '../../../src/vscode/commandContext.ts';
import type { LinkStatus } from '../../../src/vscode/linkStatus.ts';
import type { FeedChange } from '../../../src/vscode/requestFeed.ts';
import { requestOf, stateOf } from './fakes.ts';

vi.mock('vscode', () => ({}));

const running = (changes: Parameters<typeof stateOf>[0]): LinkStatus => ({
  kind: 'running',
  isOwner: true,
  state: stateOf(changes),
  url: '',
  token: undefined,
});

function setUp() {
  const set: string[] = [];
  let tell: (change: FeedChange) => void = () => undefined;
  let at = 0;
  const context = createCommandContext({
    feed: { onChange: (listener) => ((tell = listener), () => undefined) },
    setContext: (key, value) => void set.push(`${key} ${value}`),
    now: () => at,
  });
  return {
    show: context.show,
    answer: (request: Partial<RequestView>) => tell({ added: [requestOf(request)], isWhole: false }),
    wait: (ms: number) => (at += ms),
    taken: () => set.splice(0),
  };
}

it('says once whether a gateway runs', () => {
  const { show, taken } = setUp();
  for (const kind of ['starting', 'stopped'] as const) show({ kind });
  show(running({ source: 'demo' }));
  show(running({ source: 'demo' }));
  expect(taken()).toEqual(['ccr.running false', 'ccr.running true']);
});

it('reaches a milestone with each answer, by the demo or by a provider, at most once a second', () => {
  const { show, answer, wait, taken } = setUp();
  const answered = ['ccr.answered true', 'ccr.answered false'];
  show(running({ source: 'demo', providers: [{ name: 'demo', enabled: true }] }));
  answer({ target: 'demo,demo' });
  answer({ target: 'demo,demo' });
  expect(taken()).toEqual(['ccr.running true', ...answered]);
  wait(1_000);
  show(running({ providers: [{ name: 'mine', enabled: true }] }));
  answer({ target: 'mine,model' });
  expect(taken()).toEqual([
    'ccr.hasProvider true',
    'ccr.hasProvider false',
    ...answered,
    'ccr.answeredByProvider true',
    'ccr.answeredByProvider false',
  ]);
});

it('reaches none with a failure, or with a provider that is off', () => {
  const { show, answer, taken } = setUp();
  show(running({ providers: [{ name: 'mine', enabled: false }] }));
  answer({ target: 'mine,model', error: 'no key' });
  answer({});
  expect(taken()).toEqual(['ccr.running true']);
});
