// Other gateways beside ours, where they are installed. The project doesn't depend on them.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { startProcess } from './process.mjs';
import { projectFolder, temporaryFolder } from './subjects.mjs';
import { shapeName } from './wires.mjs';

const chat = { client: 'chat', provider: 'chat' };
const messages = { client: 'messages', provider: 'chat' };
const responses = { client: 'responses', provider: 'chat' };

/**
 * The option that says where it is, what it translates, and how a request names its target: by the model's name, and by headers
 * for a pair.
 */
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
  LiteLLM: {
    option: 'litellm',
    pairs: { 'Chat rewritten': chat, 'Messages over Chat': messages, 'Responses over Chat': responses },
    model: (shape) => shape,
    start: startLiteLlm,
  },
  Portkey: {
    option: 'portkey',
    // It passes on the events of OpenAI as they are, and writes those of Groq anew.
    pairs: {
      'Chat relayed': { ...chat, vendor: 'openai' },
      'Chat rewritten': { ...chat, vendor: 'groq' },
      'Chat over Messages': { client: 'chat', provider: 'messages', vendor: 'anthropic' },
    },
    model: (shape) => shape,
    headers: ({ vendor }, providerUrl) => ({
      'x-portkey-provider': vendor,
      'x-portkey-custom-host': `${providerUrl}/v1`,
    }),
    start: startPortkey,
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
      const headers = rival.headers?.(rival.pairs[pair], providerUrl);
      started.push({ name, pair, ...rival.pairs[pair], model: rival.model, headers, process });
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

/** `place` is the command `litellm` of an installation with its proxy. It asks OpenAI by Responses unless it is told not to. */
async function startLiteLlm(place, providerUrl, shapes) {
  const home = temporaryFolder();
  const file = join(home, 'config.yaml');
  const target = { api_base: `${providerUrl}/v1`, api_key: 'none', use_chat_completions_api: true };
  const models = shapes.map(shapeName).map((model) => ({
    model_name: model,
    litellm_params: { ...target, model: `openai/${model}` },
  }));
  // JSON is YAML, too.
  writeFileSync(file, JSON.stringify({ model_list: models }));
  const port = await freePort();
  // With one worker, all work is done in the process itself.
  const args = ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'];
  return startProcess(place, args, {
    environment: {
      HOME: home,
      LITELLM_LOG: 'ERROR',
      LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'True',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      LITELLM_USE_CHAT_COMPLETIONS_URL_FOR_ANTHROPIC_MESSAGES: 'True',
    },
    directory: home,
    probe: `http://127.0.0.1:${port}`,
  });
}

/**
 * `place` is its build/start-server.js. It has no setting for its address. Version 1.15.2 relays with @hono/node-server 1.13.8, which
 * an override of npm installs, but not with 1.14.4 and later: "TypeError: immutable", as it changes the headers of an answer.
 */
async function startPortkey(place) {
  const home = temporaryFolder();
  const port = await freePort();
  const loopback = join(projectFolder, 'test/bench/loopback.mjs');
  return startProcess(process.execPath, ['--import', loopback, place, '--headless', `--port=${port}`], {
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
