// Other gateways beside ours, where they are installed. The project doesn't depend on them.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { startProcess } from './process.mjs';
import { temporaryFolder } from './subjects.mjs';
import { shapeName } from './wires.mjs';

const chat = { client: 'chat', provider: 'chat' };
const messages = { client: 'messages', provider: 'chat' };
const responses = { client: 'responses', provider: 'chat' };

/** The option that says where it is, what it translates, and how a request names its target. */
export const rivals = {
  'CCR-Rust': {
    option: 'ccr-rust',
    pairs: { 'Chat rewritten': chat, 'Messages over Chat': messages, 'Responses over Chat': responses },
    model: (shape) => `some,${shape}`,
    start: startCcrRust,
  },
  'claude-code-router': {
    option: 'claude-code-router',
    pairs: { 'Messages over Chat': messages },
    model: (shape) => `some,${shape}`,
    start: startClaudeCodeRouter,
  },
};

/** Those that are installed, started; prints the others. */
export async function startRivals(providerUrl, { shapes, places, pairNames, print }) {
  const started = [];
  for (const [name, rival] of Object.entries(rivals)) {
    const place = places[rival.option];
    if (!place || !existsSync(place)) {
      print(`${name}: not installed (--${rival.option} PATH)`);
      continue;
    }
    for (const pair of Object.keys(rival.pairs).filter((each) => pairNames.includes(each))) {
      const process = await rival.start(place, providerUrl, shapes);
      started.push({ name, pair, ...rival.pairs[pair], model: rival.model, process });
    }
  }
  return started;
}

function entry(providerUrl, shapes) {
  const models = shapes.map(shapeName);
  return { name: 'some', api_base_url: `${providerUrl}/v1/chat/completions`, api_key: 'none', models };
}

async function startCcrRust(binary, providerUrl, shapes) {
  const home = temporaryFolder();
  const file = join(home, 'config.json');
  const provider = { ...entry(providerUrl, shapes), api_base_url: `${providerUrl}/v1` };
  writeFileSync(file, JSON.stringify({ Providers: [provider], Router: { default: `some,${provider.models[0]}` } }));
  const port = await freePort();
  return startProcess(binary, ['--config', file, 'start', '--port', String(port)], {
    environment: { HOME: home, RUST_LOG: 'error' },
    directory: home,
    probe: `http://127.0.0.1:${port}`,
  });
}

/** `place` is its dist/cli.js. */
async function startClaudeCodeRouter(place, providerUrl, shapes) {
  const home = temporaryFolder();
  const folder = join(home, '.claude-code-router');
  mkdirSync(folder);
  const provider = entry(providerUrl, shapes);
  const port = await freePort();
  const config = {
    PORT: port,
    LOG: false,
    Providers: [provider],
    Router: { default: `some,${provider.models[0]}` },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return startProcess(process.execPath, [place, 'start'], {
    environment: { HOME: home },
    directory: home,
    probe: `http://127.0.0.1:${port}`,
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
