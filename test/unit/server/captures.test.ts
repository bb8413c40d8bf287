import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { attach } from '../../../src/control/client.ts';
import { readRunFiles } from '../../../src/control/runFiles.ts';
import { createLog } from '../../../src/observe/log.ts';
import { runGateway } from '../../../src/server/run.ts';
import { always, turn } from '../../upstream/scripts.ts';
import { startStandIn } from '../../upstream/standIn.ts';
import type { Outcome } from '../../upstream/turn.ts';

// A whole gateway with planted keys and a planted prompt, and every file that it writes.

const prompt = 'a planted prompt about the harbour';
const keys = {
  config: 'planted-key-of-the-config',
  storage: 'planted-key-of-the-storage',
  unused: 'planted-key-that-nothing-uses',
  client: 'planted-token-of-the-clients',
  proxy: 'planted-password-of-the-proxy',
};

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Everything under a folder, but the config: names and contents. */
function writtenIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile() && !file.endsWith('config.json'))
    .map((file) => `${file}\n${readFileSync(file, 'utf8')}`)
    .join('\n');
}

async function ask(DebugCapture: object, outcome: Outcome) {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-home-'));
  cleanups.push(() => rmSync(home, { recursive: true, force: true }));
  const standIn = await startStandIn({ provider: 'openai-chat', script: always(outcome) });
  cleanups.push(standIn.close);
  const file = path.join(home, 'config.json');
  const retries = { one: { max_retries: 0 }, two: { max_retries: 0 } };
  writeFileSync(
    file,
    JSON.stringify({
      Providers: [
        { name: 'one', api_base_url: standIn.url, api_key: keys.config, models: ['m'] },
        { name: 'two', api_base_url: standIn.url, api_key: '${secret:two}', models: ['m'] },
      ],
      Router: { default: 'one,m', think: 'two,m', tierRetries: retries },
      Persistence: { mode: 'file' },
      APIKEY: keys.client,
      PORT: 0,
      DebugCapture,
    }),
  );
  const logged: string[] = [];
  const gateway = await runGateway({
    file,
    environment: { http_proxy: `http://me:${keys.proxy}@127.0.0.1:9`, no_proxy: '127.0.0.1' },
    homeDirectory: home,
    version: '1.0.0',
    log: createLog(
      () => 'debug',
      (level, message) => logged.push(`${level} ${message}`),
    ),
  });
  cleanups.push(() => gateway.stop(0));
  const occupant = await attach({ homeDirectory: home, port: gateway.port });
  if (occupant.kind !== 'ccr') throw new Error(occupant.kind);
  await occupant.client.putSecrets({ two: keys.storage, three: keys.unused });
  const control = readRunFiles(home)[0]?.token ?? '';
  const said = `${prompt}: ${Object.values(keys).join(' ')} ${control}`;
  for (const stream of [true, false]) {
    const body = JSON.stringify({ model: 'auto', stream, input: said, store: false });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys.client}` };
    await (await fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers, body })).text();
  }
  const metrics = await (await fetch(`${gateway.url}/metrics`, { headers: { 'x-api-key': keys.client } })).text();
  const requests = JSON.stringify(await occupant.client.requests());
  await gateway.stop(1000);
  return { home, logged: logged.join('\n'), views: metrics + requests, control };
}

const refused: Outcome = {
  kind: 'refuse',
  status: 401,
  message: `Bad key ${keys.config} for ${keys.storage}: ${prompt}`,
};
const answered = turn({ text: `You said ${prompt} with ${keys.config} and ${keys.unused}.` });

describe.each([
  ['a refusal', refused],
  ['an answer', answered],
])('%s', (_, outcome) => {
  it('leaves no key and no prompt anywhere while captures are off', async () => {
    const { home, logged, views } = await ask({ enabled: false, capture_success: true }, outcome);
    expect(writtenIn(home) + logged + views).not.toMatch(/planted|harbour/);
    expect(readdirSync(home)).not.toContain('.ccr-rust');
  });

  it('writes the prompt into nothing but captures, and no key into them, not even that of the control API', async () => {
    const folder = 'my captures';
    const DebugCapture = { enabled: true, capture_success: true, include_headers: true, output_dir: folder };
    const { home, logged, views, control } = await ask(DebugCapture, outcome);
    const captures = writtenIn(path.join(home, folder));
    expect(captures).toContain(prompt);
    expect(captures).not.toMatch(/planted-/);
    expect(captures).not.toContain(control);
    rmSync(path.join(home, folder), { recursive: true });
    expect(writtenIn(home) + logged + views).not.toMatch(/planted|harbour/);
  });
});
