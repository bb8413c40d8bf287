import { describe, expect, it } from 'vitest';
import type { GatewayState, TargetView } from '../../../src/control/protocol.ts';
import { totalsOf } from '../../../src/vscode/dashboard/figures.ts';
import type { LinkStatus } from '../../../src/vscode/linkStatus.ts';
import { statusView, type Activity } from '../../../src/vscode/statusView.ts';
import { requestOf, stateOf } from './fakes.ts';

const running = (changes: Partial<GatewayState> = {}, isOwner = true): LinkStatus => ({
  kind: 'running',
  isOwner,
  state: stateOf({
    routes: [{ name: 'default', target: 'on,model' }],
    providers: [{ name: 'on', enabled: true }],
    ...changes,
  }),
  url: 'http://127.0.0.1:3456',
  token: 'the-token',
});
const quiet: Activity = {
  last: undefined,
  today: totalsOf([]),
  now: 1_000_000,
};
const view = (status: LinkStatus, activity: Partial<Activity> = {}) =>
  statusView(status, 'window', { ...quiet, ...activity });
const failedTarget = (target: string): TargetView => ({
  target,
  tier: 'tier-0',
  state: 'cooldown',
  lastFailure: { at: 0, kind: 'auth', message: 'Authentication Fails (governor)' },
  retryAt: 1_012_000,
});

describe('the status bar', () => {
  it.each<[string, LinkStatus, string, string]>([
    [
      'the preset of this window',
      running({ presets: [{ name: 'coding', route: 'on,model' }], scopes: { window: { preset: 'coding' } } }),
      '$(ccr-route) CCR: coding',
      'normal',
    ],
    [
      'the route of this window',
      running({ scopes: { window: { route: 'on,large' } } }),
      '$(ccr-route) CCR: large',
      'normal',
    ],
    ['the config’s own routing', running({ scopes: { other: { preset: 'x' } } }), '$(ccr-route) CCR: auto', 'normal'],
    ['the demo', running({ source: 'demo' }), '$(ccr-route) CCR: demo', 'normal'],
    ['a gateway of another window', running({}, false), '$(ccr-route) CCR: auto', 'normal'],
    ['a degraded gateway', running({ status: 'degraded' }), '$(warning) CCR: auto', 'warning'],
    ['answers that are streaming', running({ active: { requests: 3, streams: 2 } }), '$(pulse) CCR: auto', 'normal'],
    [
      'a budget that is used up',
      running({ budgets: [{ name: 'day', share: 1.02, isUsedUp: true }] }),
      '$(warning) CCR: auto',
      'warning',
    ],
    ['a config that turned bad', running({ stale: true }), '$(warning) CCR: auto', 'warning'],
    ['a gateway that no target can answer', running({ status: 'down' }), '$(error) CCR: auto', 'error'],
    ['a target that fails', running({ targets: [failedTarget('on,model')] }), '$(warning) CCR: auto', 'warning'],
    [
      'a preset whose provider is missing',
      running({ presets: [{ name: 'lost', route: 'gone,m' }], scopes: { window: { preset: 'lost' } } }),
      '$(warning) CCR: lost',
      'warning',
    ],
    ['a start', { kind: 'starting' }, '$(loading~spin) CCR', 'normal'],
    ['no gateway', { kind: 'stopped' }, '$(circle-slash) CCR: off', 'normal'],
    [
      'a failure',
      { kind: 'failed', problem: { kind: 'other', message: 'no such address.' } },
      '$(error) CCR: failed',
      'error',
    ],
    [
      'a newer gateway',
      { kind: 'newer', url: 'u', port: 3456, version: '9.0.0', token: undefined },
      '$(link-external) CCR :3456',
      'warning',
    ],
  ])('shows %s', (_, status, text, tone) => {
    expect(view(status)).toMatchObject({ text, tone });
    expect(view(status).label).toMatch(/^CCR/);
    expect(view(status).label).not.toContain('$(');
  });

  it('shows a name as text, without icons, control characters and length', () => {
    const preset = `$(error)\u202e\n${'x'.repeat(500)}`;
    const { text, tooltip } = view(running({ scopes: { window: { preset } } }));
    expect(text).toMatch(/^\$\(error\) CCR: \$ \(error\)\\u202e\\nx{1,60}…$/);
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(text + tooltip.replaceAll('\n\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('names the program that uses the port', () => {
    const { tooltip } = view({
      kind: 'failed',
      problem: { kind: 'port-in-use', port: 3456, holder: { pid: 7, name: 'python3' } },
    });
    expect(tooltip).toContain(String.raw`port 3456 is in use by python3 \(pid 7\)`);
  });
});

describe('the tooltip', () => {
  const troubled = running({
    status: 'degraded',
    reasons: ['Provider off is off: ${KEY} is not set. Nobody else answers.', 'glm,m failed 3 s ago (auth).'],
    providers: [
      { name: 'on', enabled: true },
      { name: 'off', enabled: false, reason: 'no key' },
    ],
    problems: [
      {
        severity: 'warning',
        message: 'Provider off is off: ${KEY} is not set.',
        file: '/home/me/config.json',
        line: 6,
      },
    ],
    presets: [{ name: 'coding', route: 'on,model' }],
    scopes: { window: { preset: 'coding' } },
  });

  it('shows the port, the routing, the providers and the problems', () => {
    const { tooltip } = view(troubled);
    expect(tooltip).toContain('on port 3456');
    expect(tooltip).toContain(String.raw`coding \(on,model\)`);
    expect(tooltip).toContain('on  \n$(circle-slash) off: no key');
    expect(tooltip).toContain('config.json:6: Provider off is off');
    expect(tooltip).not.toContain('Nobody else');
  });

  it('says that a target is paused whose failure was before a restart', () => {
    const paused = running({
      status: 'degraded',
      providers: [{ name: 'on', enabled: true }],
      routes: [{ name: 'default', target: 'on,model' }],
      targets: [{ target: 'on,model', tier: 'tier-0', state: 'cooldown', retryAt: 41_000 }],
    });
    const { tooltip } = view(paused, { now: 1_000 });
    expect(tooltip).toContain('on,model does not answer: on cooldown after a failure');
    expect(tooltip).toContain('$(watch) on: on cooldown after a failure · others first for 40 s');
  });

  it('shows no token', () => {
    expect(view(troubled).tooltip).not.toContain('the-token');
  });

  it('says what answers in place of a failing target, in the words of its provider, with a way to set the key', () => {
    const last = requestOf({
      model: 'gpt-5',
      target: 'glm,glm-5',
      route: { matched: 'on,model', detour: 'on,model failed (auth)', candidates: [] },
    });
    const { text, tooltip } = view(running({ status: 'degraded', targets: [failedTarget('on,model')] }), { last });
    expect(text).toBe('$(warning) CCR: auto → glm-5');
    expect(tooltip).toContain(
      String.raw`$(watch) on: Authentication Fails \(governor\) · others first for 12 s · [Set Key](command:ccr.setProviderApiKey?%5B%22on%22%5D)`,
    );
    expect(tooltip).toContain('glm,glm-5 answers in its place.');
    expect(tooltip).toContain(String.raw`Last request for gpt-5: glm,glm-5, on,model failed \(auth\)`);
  });

  it('sums up the day', () => {
    const today = {
      ...totalsOf([]),
      requests: 1200,
      failures: 3,
      inputTokens: 45_000,
      outputTokens: 700,
      costUsd: 1.5,
    };
    expect(view(running(), { today }).tooltip).toContain(
      String.raw`Today: 1,200 requests \(3 failed\) · 45,000 + 700 tokens · $1.50`,
    );
  });
});

/** What a provider, a config or a client could write into a tooltip that can run commands. */
const hostile =
  '[click](command:workbench.action.terminal.new) <a href="command:x">x</a> $(sync) `](command:y) https://evil.test www.evil.test a@b.c &#91; \n\n# x';

describe('a hostile text in the tooltip', () => {
  const fields: [string, LinkStatus, Partial<Activity>][] = [
    ['a problem', running({ problems: [{ severity: 'error', message: hostile, file: `/${hostile}` }] }), {}],
    ['a reason', running({ status: 'degraded', reasons: [hostile] }), {}],
    [
      'a provider’s name',
      running({ providers: [{ name: hostile, enabled: false, reason: hostile, needsKey: true }] }),
      {},
    ],
    [
      'a provider’s failure',
      running({ targets: [{ ...failedTarget('on,model'), lastFailure: { at: 0, kind: 'auth', message: hostile } }] }),
      {},
    ],
    [
      'a preset’s name',
      running({ presets: [{ name: hostile, route: `on,${hostile}` }], scopes: { window: { preset: hostile } } }),
      {},
    ],
    [
      'a model of a client',
      running(),
      { last: requestOf({ model: hostile, target: `on,${hostile}`, reason: hostile }) },
    ],
    ['a failed request', running(), { last: requestOf({ error: hostile }) }],
    ['a version', running({ version: hostile }), {}],
  ];

  it.each(fields)('is only text: %s', (_, status, activity) => {
    const { tooltip, text } = view(status, activity);
    const own =
      /\[(?:Switch|Add Provider|Open Dashboard|Open Config|Show Log|Set Key)\]\(command:ccr\.\w+(?:\?[\w%.-]*)?\)/g;
    const rest = tooltip.replaceAll(own, '').replaceAll(/\\[\\`*_{}[\]()#+!|<>~$&@:.]/g, '');
    expect(rest).not.toMatch(
      /[`<>[\]]|\]\(|:\/\/|www\.|@|&|\$\((?!warning|error|pass|watch|circle-slash|circle-outline)/,
    );
    expect(tooltip.split('\n\n').filter((line) => line.startsWith('#'))).toEqual([]);
    expect(text).not.toContain('$(sync)');
  });

  it('can’t end the address of a command', () => {
    const { tooltip } = view(running({ providers: [{ name: 'x") [y](command:z', enabled: false, needsKey: true }] }));
    const [, query = ''] = /setProviderApiKey\?([^)]*)\)/.exec(tooltip) ?? [];
    expect(JSON.parse(decodeURIComponent(query))).toEqual(['x") [y](command:z']);
  });
});

describe('budgets', () => {
  const budgets = [
    { name: 'day](command:x)', share: 1.02, isUsedUp: true, preset: 'saving', resetsAt: 1_060_000 },
    { name: 'month', share: 0.4, isUsedUp: false },
  ];

  it('are in the tooltip, with what is used, what saves and when they reset', () => {
    const { tooltip, label } = view(running({ budgets }));
    expect(tooltip).toMatch(/\$\(warning\) Budget day\\\]\\\(command:x\\\): 102 % used · saving with saving · resets /);
    expect(tooltip).toContain('\n\nBudget month: 40 % used\n\n');
    expect(label).toContain('the budget day](command:x) is used up');
  });

  it('and streams are told to screen readers', () => {
    expect(view(running({ active: { requests: 2, streams: 2 } })).label).toContain('2 streaming');
  });
});
