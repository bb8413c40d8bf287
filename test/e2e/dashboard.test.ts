import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClientFolders, type ClientFolders } from './codex.ts';
import { chatScript } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { cli, providerEntry, startGateway, upstreamKey, type Gateway } from './gateway.ts';
import { endMark, hasTerminal, openTerminal, type Terminal } from './terminal.ts';

const small = { columns: 80, rows: 24 };

function open(folders: ClientFolders, args: readonly string[], environment: Record<string, string> = {}): Terminal {
  return openTerminal({
    command: [process.execPath, cli, 'dashboard', ...args],
    ...folders,
    environment: { TERM: 'xterm-256color', ...environment },
    size: small,
  });
}

describe.runIf(hasTerminal)('ccr dashboard', () => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider: 'openai-chat', script: chatScript(), apiKey: upstreamKey });
    const evil = providerEntry('evil', standIn, ['m'], { tier_name: 'evil\u001B[2Jtier' });
    gateway = await startGateway({ Providers: [evil], Router: { default: 'evil,m' } });
  });
  afterAll(async () => {
    await gateway.stop();
    await standIn.close();
  });

  async function ask(): Promise<void> {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'codex_cli_rs/1' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }] }),
    });
    await response.text();
  }

  it('shows requests as they come, follows the size of the terminal, and gives the screen back', async () => {
    const terminal = open(gateway.folders, ['--port', String(gateway.port)]);
    try {
      await terminal.shows(/0 requests/);
      await ask();
      const screen = await terminal.shows(/1 requests, 100\.0 % ok/);
      expect(screen).toContain(`CCR http://127.0.0.1:${gateway.port}  healthy`);
      expect(screen).toMatch(/codex +evil,m/);
      expect(screen.split('\n')).toHaveLength(small.rows);
      expect(screen).toContain('\\u001b');
      terminal.resize(150, 45);
      const wide = await terminal.shows(/evil\\u001b\[2Jtier {20}/);
      expect(wide.split('\n')).toHaveLength(45);
      expect(terminal.coloured()).toContain('\u001B[32m');
      terminal.press('Up');
      terminal.press('q');
      expect(await terminal.shows(endMark)).toMatch(/^\n?\[ended with 0\]$/);
    } finally {
      terminal.close();
    }
  });

  it.each(['Escape', 'C-c'])('%s quits', async (key) => {
    const terminal = open(gateway.folders, ['--port', String(gateway.port)]);
    try {
      await terminal.shows(/q or Esc quits/);
      terminal.press(key);
      expect(await terminal.shows(endMark)).toMatch(/^\n?\[ended with 0\]$/);
    } finally {
      terminal.close();
    }
  });

  it('gives the screen back when it is ended by a signal or crashes', async () => {
    for (const end of ['signal', 'crash']) {
      const preload = "data:text/javascript,process.on('SIGUSR2', () => { throw new Error('It crashed.') })";
      const crash = end === 'crash' ? { NODE_OPTIONS: `--import=${preload.replaceAll(' ', '%20')}` } : {};
      const terminal = open(gateway.folders, ['--port', String(gateway.port)], crash);
      try {
        await terminal.shows(/q or Esc quits/);
        terminal.send(end === 'signal' ? 'TERM' : 'USR2');
        const screen = await terminal.shows(endMark);
        expect(screen).not.toContain('q or Esc quits');
        if (end === 'crash') expect(screen).toContain('It crashed.');
      } finally {
        terminal.close();
      }
    }
  });

  it('has no colours with NO_COLOR', async () => {
    const terminal = open(gateway.folders, ['--port', String(gateway.port)], { NO_COLOR: '1' });
    try {
      await terminal.shows(/evil/);
      expect(terminal.coloured()).not.toContain('\u001B[');
    } finally {
      terminal.close();
    }
  });

  it('--json prints the figures once', async () => {
    const run = await gateway.ccr(['dashboard', '--json', '--port', String(gateway.port)]);
    const printed = JSON.parse(run.stdout) as object;
    expect(printed).toMatchObject({ usage: { tiers: [{}] }, state: { status: 'healthy' } });
  });

  it('needs a terminal', async () => {
    const run = await gateway.ccr(['dashboard', '--port', String(gateway.port)]);
    expect(run).toMatchObject({ code: 1, stderr: 'ccr: The dashboard needs a terminal. Try --json.\n' });
  });

  it("shows a gateway that has the format's endpoints alone, and says when it is gone", async () => {
    const answers: Record<string, unknown> = {
      '/v1/usage': { total_requests: 321, total_failures: 0, tiers: [{ tier: 'theirs', requests: 321, failures: 0 }] },
      '/v1/latencies': [{ tier: 'theirs', ewma_seconds: 1.5, sample_count: 3 }],
      '/v1/token-drift': [],
      '/v1/throughput': [],
      '/v1/frontend-metrics': [{ frontend: 'codex', requests: 321, avg_latency_ms: 10 }],
    };
    const other = createServer(({ url = '' }, response) => {
      const found = Object.hasOwn(answers, url) ? answers[url] : undefined;
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const folders = createClientFolders('/tmp/ccr-e2e');
    const terminal = open(folders, ['--host', '127.0.0.1', '--port', String(port)]);
    try {
      expect(await terminal.shows(/321 requests, 100\.0 % ok/)).toMatch(/theirs +1\.5 s/);
      other.closeAllConnections();
      other.close();
      const gone = await terminal.shows(/No answer from/);
      expect(gone).toContain('321 requests');
    } finally {
      terminal.close();
      folders.remove();
      other.close();
    }
  });
});
