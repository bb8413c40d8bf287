import { describe, expect, it } from 'vitest';
import { inEnglish, verbatim, wording } from '../../../src/canonical/wording.ts';
import { controlProtocol } from '../../../src/control/protocol.ts';
import { createGatewayLink, type GatewayLink, type LinkParts } from '../../../src/vscode/gatewayLink.ts';
import { useTranslation } from '../../../src/vscode/l10n.ts';
import type { LinkStatus } from '../../../src/vscode/linkStatus.ts';
import { createRestartPolicy } from '../../../src/vscode/restartPolicy.ts';
import { createFakeClock, type FakeClock } from '../../support/fakeClock.ts';
import { createFakeMachine, silentLog, stateOf, type FakeMachine } from './fakes.ts';

type Window = { link: GatewayLink; history: LinkStatus[]; kinds(): string[]; place: { host: string; port: number } };

function openWindow(machine: FakeMachine, clock: FakeClock, changes: Partial<LinkParts> = {}): Window {
  const place = { host: '127.0.0.1', port: 3456 };
  const link = createGatewayLink({
    place: async () => place,
    attach: machine.attach,
    startThread: machine.startThread,
    portHolder: () => ({ pid: 7, name: 'python3' }),
    introduce: (client) => client.setScope('window', null),
    restarts: createRestartPolicy(clock.now),
    clock,
    random: () => 0.5,
    log: silentLog,
    ...changes,
  });
  const history: LinkStatus[] = [];
  link.onStatus((status) => void history.push(status));
  return { link, history, place, kinds: () => history.map(({ kind }) => kind) };
}

function setUp() {
  const machine = createFakeMachine();
  const clock = createFakeClock();
  return { machine, clock, window: openWindow(machine, clock) };
}

async function started({ link }: Window, clock: FakeClock): Promise<LinkStatus> {
  const status = link.start();
  await clock.advance(0);
  return status;
}

describe('a window', () => {
  it('starts its own gateway when the port is free, and steers it through the control API', async () => {
    const { machine, clock, window } = setUp();
    expect(await started(window, clock)).toMatchObject({
      kind: 'running',
      isOwner: true,
      url: 'http://127.0.0.1:3456',
    });
    expect(machine.threads).toHaveLength(1);
    expect(machine.gateways.get(3456)?.asked).toContain('scope window null');
    expect(window.kinds()).toEqual(['starting', 'starting', 'running']);
  });

  it('says in the display language why the config keeps the gateway from starting', async () => {
    const machine = createFakeMachine();
    const clock = createFakeClock();
    const said = [verbatim('/c.json:3:1:'), wording('Unknown key "{0}".', 'Foo')];
    const startThread: LinkParts['startThread'] = async (port) => ({
      ...(await machine.startThread(port)),
      started: Promise.resolve({ type: 'failed', kind: 'config', message: '/c.json:3:1: error: ...', wording: said }),
    });
    useTranslation((text, ...values) => inEnglish(text.replace('Unknown key', 'Unbekannter Schlüssel'), ...values));
    const status = await started(openWindow(machine, clock, { startThread }), clock);
    useTranslation(inEnglish);
    const message = '/c.json:3:1: Unbekannter Schlüssel "Foo".';
    expect(status).toMatchObject({ kind: 'failed', problem: { kind: 'config', message } });
  });

  it('attaches to a running gateway', async () => {
    const { machine, clock, window } = setUp();
    machine.run();
    expect(await started(window, clock)).toMatchObject({ kind: 'running', isOwner: false });
    expect(machine.threads).toHaveLength(0);
  });

  it('shows each state that the gateway reports', async () => {
    const { machine, clock, window } = setUp();
    const gateway = machine.run();
    await started(window, clock);
    gateway.tell({ type: 'state', state: stateOf({ status: 'degraded' }) });
    expect(window.link.status()).toMatchObject({ kind: 'running', state: { status: 'degraded' } });
  });

  it('has the log of a gateway that another window runs, and that of its own only once', async () => {
    for (const isOwner of [false, true]) {
      const { machine, clock } = setUp();
      if (!isOwner) machine.run();
      const lines: string[] = [];
      const window = openWindow(machine, clock, { log: { ...silentLog, warn: (line) => void lines.push(line) } });
      await started(window, clock);
      machine.gateways.get(3456)?.tell({ type: 'log', level: 'warn', message: 'Request failed.' });
      expect(lines).toEqual(isOwner ? [] : ['Request failed.']);
    }
  });

  it('shows running only after the gateway has been introduced to the window', async () => {
    const { machine, clock } = setUp();
    const gateway = machine.run();
    const introduced = Promise.withResolvers<ReturnType<typeof stateOf>>();
    const window = openWindow(machine, clock, { introduce: () => introduced.promise });
    void window.link.start();
    await clock.advance(0);
    gateway.tell({ type: 'state', state: stateOf() });
    expect(window.link.status().kind).toBe('starting');
    introduced.resolve(stateOf());
    await clock.advance(0);
    expect(window.link.status().kind).toBe('running');
  });

  it('attachIfRunning attaches to a running gateway and starts none', async () => {
    const { machine, clock, window } = setUp();
    await window.link.attachIfRunning();
    expect(window.kinds()).toEqual([]);
    machine.run();
    const looking = window.link.attachIfRunning();
    await clock.advance(0);
    await looking;
    expect(window.link.status().kind).toBe('running');
    expect(machine.threads).toHaveLength(0);
  });
});

describe('when the gateway disappears', () => {
  it('without having been stopped, the window takes over after a short pause', async () => {
    const { machine, clock, window } = setUp();
    machine.run().vanish();
    machine.run();
    await started(window, clock);
    machine.gateways.get(3456)?.vanish();
    await clock.advance(449);
    expect(machine.threads).toHaveLength(0);
    await clock.advance(1);
    expect(machine.threads).toHaveLength(1);
    expect(window.link.status()).toMatchObject({ kind: 'running', isOwner: true });
  });

  it('the first of several windows takes over, and the others attach to it', async () => {
    const { machine, clock } = setUp();
    const gateway = machine.run();
    const windows = [0.9, 0.1, 0.5].map((random) => openWindow(machine, clock, { random: () => random }));
    for (const window of windows) await started(window, clock);
    gateway.vanish();
    await clock.advance(1_000);
    expect(machine.threads).toHaveLength(1);
    expect(windows.map(({ link }) => link.status())).toMatchObject([
      { isOwner: false },
      { isOwner: true },
      { isOwner: false },
    ]);
  });

  it('because it was stopped, the window does not start another one', async () => {
    const { machine, clock, window } = setUp();
    const gateway = machine.run();
    await started(window, clock);
    await gateway.client.stop();
    await clock.advance(60_000);
    expect(window.link.status()).toEqual({ kind: 'stopped' });
    expect(machine.threads).toHaveLength(0);
  });

  it('a stop during the introduction counts as a stop', async () => {
    const { machine, clock } = setUp();
    const gateway = machine.run();
    const window = openWindow(machine, clock, {
      introduce: async (client) => {
        await gateway.client.stop();
        return client.state();
      },
    });
    await started(window, clock);
    await clock.advance(60_000);
    expect(window.link.status()).toEqual({ kind: 'stopped' });
  });
});

describe('a crash of our own gateway', () => {
  it('restarts it on the same port, with growing delays', async () => {
    const { machine, clock, window } = setUp();
    await started(window, clock);
    machine.threads[0]?.crash('it needed more than 512 MB of memory');
    await clock.advance(999);
    expect(machine.threads).toHaveLength(1);
    await clock.advance(1);
    expect(machine.threads).toHaveLength(2);
    expect(window.link.status()).toMatchObject({ kind: 'running', isOwner: true });
    expect(machine.gateways.get(3456)?.asked).toContain('scope window null');
    machine.threads[1]?.crash('again');
    await clock.advance(1_999);
    expect(machine.threads).toHaveLength(2);
    await clock.advance(1);
    expect(machine.threads).toHaveLength(3);
  });

  it('five times within a minute stops the restarts, and shows the reason', async () => {
    const { machine, clock, window } = setUp();
    await started(window, clock);
    for (let crash = 0; crash < 5; crash++) {
      machine.threads.at(-1)?.crash('out of luck');
      await clock.advance(8_000);
    }
    expect(machine.threads).toHaveLength(5);
    expect(window.link.status()).toMatchObject({
      kind: 'failed',
      problem: { kind: 'crashed', message: expect.stringContaining('out of luck') },
    });
  });

  it('keeps the free port that the system picked', async () => {
    const { machine, clock, window } = setUp();
    window.place.port = 0;
    expect(await started(window, clock)).toMatchObject({ kind: 'running', url: 'http://127.0.0.1:40000' });
    machine.threads[0]?.crash('gone');
    await clock.advance(1_000);
    expect(window.link.status()).toMatchObject({ kind: 'running', url: 'http://127.0.0.1:40000' });
  });

  it('gives up on a gateway that does not answer', async () => {
    const { machine, clock, window } = setUp();
    machine.run({ isDeaf: true });
    void window.link.start();
    await clock.advance(60_000);
    expect(window.link.status()).toMatchObject({
      kind: 'failed',
      problem: { kind: 'crashed', message: expect.stringContaining('did not answer') },
    });
  });
});

describe('a port in use by another program', () => {
  it('is reported with its holder and a free port', async () => {
    const { machine, clock, window } = setUp();
    machine.strangers.add(3456);
    void window.link.start();
    await clock.advance(749);
    expect(window.link.status().kind).toBe('starting');
    await clock.advance(1);
    const problem = { kind: 'port-in-use', port: 3456, holder: { pid: 7, name: 'python3' }, suggestedPort: 3457 };
    expect(window.link.status()).toEqual({ kind: 'failed', problem });
    expect(window.link.client()).toBeUndefined();
  });

  it('is retried: a closing window may still hold it', async () => {
    const { machine, clock, window } = setUp();
    // Its gateway no longer answers, but its socket is still open.
    const attach: FakeMachine['attach'] = async (place) =>
      machine.strangers.has(place.port) ? { kind: 'nobody' } : machine.attach(place);
    const waiting = openWindow(machine, clock, { attach });
    machine.strangers.add(3456);
    void waiting.link.start();
    await clock.advance(3_000);
    expect(waiting.link.status().kind).toBe('starting');
    machine.strangers.delete(3456);
    await clock.advance(3_000);
    expect(waiting.link.status()).toMatchObject({ kind: 'running', isOwner: true });
    expect(window.kinds()).toEqual([]);
  });

  it('is abandoned when the settings name another one', async () => {
    const { machine, clock, window } = setUp();
    machine.strangers.add(3456);
    void window.link.start();
    await clock.advance(10_000);
    window.place.port = 3457;
    void window.link.applySettings(true);
    await clock.advance(0);
    expect(window.link.status()).toMatchObject({ kind: 'running', url: 'http://127.0.0.1:3457' });
  });
});

describe('versions', () => {
  it('an older gateway is asked to shut down', async () => {
    const { machine, clock, window } = setUp();
    const old = machine.run({ protocol: controlProtocol - 1 });
    void window.link.start();
    await clock.advance(250);
    expect(old.asked).toEqual(['drain']);
    expect(window.link.status()).toMatchObject({ kind: 'running', isOwner: true });
  });

  it('a newer gateway is used, but not steered', async () => {
    const { machine, clock, window } = setUp();
    const newer = machine.run({ protocol: controlProtocol + 1 });
    expect(await started(window, clock)).toEqual({
      kind: 'newer',
      url: 'http://127.0.0.1:3456',
      port: 3456,
      version: '1.0.0',
      token: undefined,
    });
    expect(window.link.client()).toBeUndefined();
    await expect(window.link.stop()).rejects.toThrow(/newer than this window's/);
    await expect(window.link.restart()).rejects.toThrow(/newer than this window's/);
    expect(newer.asked).toEqual(['token']);
  });
});

describe('stop', () => {
  it('stops the gateway for all windows', async () => {
    const { machine, clock, window } = setUp();
    const other = openWindow(machine, clock);
    await started(window, clock);
    await started(other, clock);
    await other.link.stop();
    await clock.advance(60_000);
    expect(window.link.status()).toEqual({ kind: 'stopped' });
    expect(other.link.status()).toEqual({ kind: 'stopped' });
    expect(machine.gateways.size).toBe(0);
  });

  it('ends a start in progress', async () => {
    const { machine, clock, window } = setUp();
    machine.strangers.add(3456);
    const starting = window.link.start();
    await window.link.stop();
    await clock.advance(60_000);
    expect(await starting).toEqual({ kind: 'stopped' });
    expect(machine.threads).toHaveLength(0);
  });

  it('allows another start', async () => {
    const { machine, clock, window } = setUp();
    await started(window, clock);
    await window.link.stop();
    expect(await started(window, clock)).toMatchObject({ kind: 'running' });
    expect(machine.threads).toHaveLength(2);
  });
});

describe('restart', () => {
  it('replaces the gateway of any window by one in this window', async () => {
    const { machine, clock, window } = setUp();
    const other = openWindow(machine, clock);
    await started(other, clock);
    await started(window, clock);
    void window.link.restart();
    await clock.advance(5_000);
    expect(machine.threads).toHaveLength(2);
    expect(window.link.status()).toMatchObject({ kind: 'running', isOwner: true });
    expect(other.link.status()).toMatchObject({ kind: 'running', isOwner: false });
  });

  it('moves our own gateway to the port in the settings', async () => {
    const { machine, clock, window } = setUp();
    await started(window, clock);
    window.place.port = 4000;
    void window.link.applySettings(true);
    await clock.advance(0);
    expect([...machine.gateways.keys()]).toEqual([4000]);
    expect(window.link.status()).toMatchObject({ kind: 'running', isOwner: true });
  });

  it('does not happen for settings that do not affect an attached window', async () => {
    const { machine, clock, window } = setUp();
    const gateway = machine.run();
    await started(window, clock);
    await window.link.applySettings(true);
    expect(gateway.asked).not.toContain('drain');
    expect(gateway.isUp()).toBe(true);
  });

  it('an attached window moves to another port without ending the gateway that it leaves', async () => {
    const { machine, clock, window } = setUp();
    const gateway = machine.run();
    await started(window, clock);
    window.place.port = 4000;
    void window.link.applySettings(true);
    await clock.advance(0);
    expect(gateway.isUp()).toBe(true);
    expect(window.link.status()).toMatchObject({ kind: 'running', isOwner: true, url: 'http://127.0.0.1:4000' });
  });
});

it('a closing window ends its own gateway and reports no further status', async () => {
  const { machine, clock, window } = setUp();
  await started(window, clock);
  const said = window.history.length;
  await window.link.close(2_000);
  await clock.advance(60_000);
  expect(machine.gateways.size).toBe(0);
  expect(machine.threads).toHaveLength(1);
  expect(window.history).toHaveLength(said);
});

it('passes the log level to its own thread', async () => {
  const { machine, clock, window } = setUp();
  await started(window, clock);
  window.link.setLogLevel('debug');
  expect(machine.threads[0]?.levels).toEqual(['debug']);
});
