// Measures the CPU time of a streamed answer: `node test/bench/stream.mjs`. A provider sends 200 events, one write each; a
// separate process passes them to a client: first as a byte pipe, then as the whole gateway, from socket to socket. Each
// figure is user and system time of that process per request.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const events = 200;
const warmUp = 200;
const requests = 400;
const model = 'some-model';

const chatFrames = [
  ...Array.from({ length: events }, (_, index) => ({
    content: ` word${index}`,
    ...(index === 0 && { role: 'assistant' }),
  })),
  {},
].map((delta, index) => {
  const finish = index === events ? 'stop' : null;
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
});

/** The client's endpoint and body, and the provider that the gateway sends it to. */
const ways = {
  'byte pipe': { role: 'pipe', path: '/v1/chat/completions' },
  'Chat, relayed': { role: 'gateway', path: '/v1/chat/completions', quirks: 'identity' },
  'Chat, rewritten': { role: 'gateway', path: '/v1/chat/completions' },
  'Responses from Chat': { role: 'gateway', path: '/v1/responses' },
  'Messages from Chat': { role: 'gateway', path: '/v1/messages' },
};

const messages = [{ role: 'user', content: 'Hello' }];
const bodies = {
  '/v1/chat/completions': { model, stream: true, messages },
  '/v1/responses': { model, stream: true, store: false, input: 'Hello' },
  '/v1/messages': { model, stream: true, max_tokens: 100, messages },
};

async function listen(server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

function startProvider() {
  return createServer(async (incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const frame of chatFrames) {
      outgoing.write(frame);
      // Makes each write a separate packet.
      await setImmediate();
    }
    outgoing.end('data: [DONE]\n\n');
  });
}

async function startPipe(providerUrl) {
  const { Agent } = await import('undici');
  const agent = new Agent();
  return listen(
    createServer(async (incoming, outgoing) => {
      const { body } = await agent.request({ origin: providerUrl, path: incoming.url, method: 'POST', body: incoming });
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      body.pipe(outgoing);
    }),
  );
}

async function startGateway(providerUrl, quirks) {
  const { runGateway } = await import('../../src/server/run.ts');
  const { createLog } = await import('../../src/observe/log.ts');
  const home = mkdtempSync(join(tmpdir(), 'ccr-bench-'));
  process.on('exit', () => rmSync(home, { recursive: true, force: true }));
  const file = join(home, 'config.json');
  const transformer = { use: quirks ? [quirks] : [] };
  const provider = { name: 'some', api_base_url: `${providerUrl}/v1`, models: [model], transformer };
  writeFileSync(file, JSON.stringify({ PORT: 0, Providers: [provider], Router: { default: `some,${model}` } }));
  const log = createLog(
    () => 'error',
    () => undefined,
  );
  const environment = { no_proxy: '127.0.0.1' };
  return (await runGateway({ file, environment, homeDirectory: home, version: '0', log })).url;
}

async function serve(role, providerUrl, quirks) {
  process.on('message', () => process.send(process.cpuUsage()));
  process.on('disconnect', () => process.exit());
  process.send(role === 'pipe' ? await startPipe(providerUrl) : await startGateway(providerUrl, quirks));
}

async function ask(url, body) {
  const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const text = await reply.text();
  if (!reply.ok || !text.includes(`word${events - 1}`)) throw new Error(`Not the whole answer: ${text.slice(0, 500)}`);
}

/** Milliseconds of CPU per request. */
async function measure({ role, path, quirks = '' }, providerUrl) {
  const execArgv = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
  const child = fork(fileURLToPath(import.meta.url), [role, providerUrl, quirks], { execArgv });
  const [url] = await once(child, 'message');
  const cpu = async () => {
    child.send('cpu');
    const [{ user, system }] = await once(child, 'message');
    return (user + system) / 1000;
  };
  const body = JSON.stringify(bodies[path]);
  for (let count = 0; count < warmUp; count++) await ask(url + path, body);
  const before = await cpu();
  for (let count = 0; count < requests; count++) await ask(url + path, body);
  const spent = (await cpu()) - before;
  child.disconnect();
  await once(child, 'exit');
  return spent / requests;
}

const [role, providerUrl, quirks] = process.argv.slice(2);
if (role) {
  await serve(role, providerUrl, quirks);
} else {
  const provider = startProvider();
  const url = await listen(provider);
  let pipe;
  console.log(`CPU per streamed answer of ${events} events:`);
  for (const [name, way] of Object.entries(ways)) {
    const spent = await measure(way, url);
    pipe ??= spent;
    console.log(`${name.padEnd(20)} ${spent.toFixed(2)} ms, ${(spent / pipe).toFixed(1)} times the pipe`);
  }
  provider.closeAllConnections();
  provider.close();
}
