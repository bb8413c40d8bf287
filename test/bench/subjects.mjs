// What is measured: the floor, and each pair of a client's and a provider's dialect in CCR as it is built.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess } from './process.mjs';
import { shapeName } from './wires.mjs';

/** The dialect of the client, that of the provider, the entry of `Providers` in the config, and the kind of goal. */
export const pairs = {
  'Chat relayed': { client: 'chat', provider: 'chat', target: 'chatRelay', kind: 'relay' },
  'Chat rewritten': { client: 'chat', provider: 'chat', target: 'chat', kind: 'translated' },
  'Responses relayed': { client: 'responses', provider: 'responses', target: 'responsesRelay', kind: 'relay' },
  'Messages relayed': { client: 'messages', provider: 'messages', target: 'messagesRelay', kind: 'relay' },
  'Responses over Chat': { client: 'responses', provider: 'chat', target: 'chat', kind: 'translated' },
  'Messages over Chat': { client: 'messages', provider: 'chat', target: 'chat', kind: 'translated' },
  'Chat over Messages': { client: 'chat', provider: 'messages', target: 'messages', kind: 'translated' },
  'Chat over Responses': { client: 'chat', provider: 'responses', target: 'responses', kind: 'translated' },
  'Responses over Messages': { client: 'responses', provider: 'messages', target: 'messages', kind: 'translated' },
  'Messages over Responses': { client: 'messages', provider: 'responses', target: 'responses', kind: 'translated' },
};

const protocols = { chat: 'openai', responses: 'responses', messages: 'anthropic' };

function ccrConfig(providerUrl, shapes, { models = [], settings = {} }) {
  const entry = (name, protocol, use) => ({
    name,
    api_base_url: `${providerUrl}/v1`,
    api_key: 'none',
    protocol: protocols[protocol],
    models: [...shapes.map(shapeName), ...models],
    transformer: { use },
  });
  const kinds = Object.keys(protocols);
  return {
    PORT: 0,
    ...settings,
    Providers: [
      ...kinds.map((protocol) => entry(protocol, protocol, [])),
      ...kinds.map((protocol) => entry(`${protocol}Relay`, protocol, ['identity'])),
    ],
    Router: { default: `chat,${shapeName(shapes[0])}` },
  };
}

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

const folders = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'ccr-bench-'));
  folders.push(folder);
  return folder;
}

/** A gateway as users run it: `ccr start` of a checkout that is built. `models` and `settings` are added to its config. */
export function startCcr(providerUrl, shapes, options = {}) {
  const { checkout = projectFolder, nodeOptions = [], environment = {} } = options;
  const home = temporaryFolder();
  const file = join(home, 'config.json');
  writeFileSync(file, JSON.stringify(ccrConfig(providerUrl, shapes, options)));
  const args = [...nodeOptions, resolve(checkout, 'dist/cli.js'), 'start', '--json', '--config', file];
  return startProcess(process.execPath, args, {
    findUrl: (line) => (line.startsWith('{') ? JSON.parse(line).url : undefined),
    environment: { HOME: home, CCR_LOG: 'error', ...environment },
    directory: home,
  });
}

export function startPipe(providerUrl) {
  return startProcess(process.execPath, [join(projectFolder, 'test/bench/pipe.mjs'), providerUrl]);
}

export function startProvider() {
  return startProcess(process.execPath, [join(projectFolder, 'test/bench/provider.mjs')]);
}

/** `startCcr` with probe.mjs inside; `probe()` returns its latest sample, `collect()` one after a garbage collection. */
export async function startProbedCcr(providerUrl, shapes, options = {}) {
  const file = join(temporaryFolder(), 'probe.json');
  const nodeOptions = ['--expose-gc', '--import', join(projectFolder, 'test/bench/probe.mjs')];
  const gateway = await startCcr(providerUrl, shapes, { ...options, nodeOptions, environment: { PROBE_FILE: file } });
  const probe = () => JSON.parse(readFileSync(file, 'utf8'));
  return { ...gateway, probe, collect: () => collect(gateway.pid, probe) };
}

async function collect(pid, probe) {
  const before = Date.now();
  process.kill(pid, 'SIGUSR2');
  for (let sample = probe(); ; sample = probe()) {
    if (sample.collectedAt >= before) return sample;
    if (Date.now() > before + 10_000) throw new Error('The gateway does not collect its garbage.');
    await wait(10);
  }
}
