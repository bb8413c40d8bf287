import { describe, expect, it } from 'vitest';
import type { GatewayState } from '../../../src/control/protocol.ts';
import type { LinkStatus } from '../../../src/vscode/linkStatus.ts';
import { statusView } from '../../../src/vscode/statusView.ts';
import { stateOf } from './fakes.ts';

const running = (changes: Partial<GatewayState> = {}, isOwner = true): LinkStatus => ({
  kind: 'running',
  isOwner,
  state: stateOf(changes),
  url: 'http://127.0.0.1:3456',
  token: 'the-token',
});
const view = (status: LinkStatus) => statusView(status, 'window');

describe('the status bar', () => {
  it.each<[string, LinkStatus, string, string]>([
    [
      'the preset of this window',
      running({ scopes: { window: { preset: 'coding' }, other: { preset: 'x' } } }),
      '$(radio-tower) CCR: coding :3456',
      'normal',
    ],
    [
      'the route of this window',
      running({ scopes: { window: { route: 'think' } } }),
      '$(radio-tower) CCR: think :3456',
      'normal',
    ],
    [
      'the config’s own routing',
      running({ scopes: { other: { preset: 'x' } } }),
      '$(radio-tower) CCR: auto :3456',
      'normal',
    ],
    ['the demo', running({ source: 'demo' }), '$(radio-tower) CCR: demo :3456', 'normal'],
    ['a gateway of another window', running({}, false), '$(link) CCR: auto :3456', 'normal'],
    ['a degraded gateway', running({ status: 'degraded' }), '$(warning) CCR: auto :3456', 'warning'],
    ['a config that turned bad', running({ stale: true }), '$(warning) CCR: auto :3456', 'warning'],
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
    expect(text).toMatch(/^\$\(radio-tower\) CCR: \$ \(error\)\\u202e\\nx{1,60}… :3456$/);
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

  it('shows the URL, the routing, the providers and the problems', () => {
    const { tooltip } = view(troubled);
    expect(tooltip).toContain('http://127.0.0.1:3456');
    expect(tooltip).toContain(String.raw`coding \(on,model\)`);
    expect(tooltip).toContain('$(pass) on $(circle-slash) off');
    expect(tooltip).toContain('config.json:6: Provider off is off');
    expect(tooltip).not.toContain('Nobody else');
    expect(tooltip).toContain('glm,m failed 3 s ago');
  });

  it('shows no token, and escapes Markdown in values from the config', () => {
    expect(view(troubled).tooltip).not.toContain('the-token');
    expect(
      view(running({ problems: [{ severity: 'error', message: '[click](command:x) $(sync)' }] })).tooltip,
    ).toContain(String.raw`\[click\]\(command:x\) \$\(sync\)`);
  });
});
