// `ccr refresh-catalog` against a stand-in for models.dev.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, startGateway, type Gateway } from './gateway.ts';

const models = readFileSync(path.join(import.meta.dirname, '../fixtures/models.dev.json'));
const config = {
  Providers: [{ name: 'moonshot', api_base_url: 'https://api.moonshot.ai/v1', api_key: 'k', models: ['kimi-k9'] }],
  Router: { default: 'moonshot,kimi-k9' },
};

let server: Server;
let url: string;
let asked: IncomingHttpHeaders[];
let gateway: Gateway | undefined;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.headers);
    const isKnown = request.headers['if-none-match'] === '"v1"';
    response.writeHead(isKnown ? 304 : 200, { etag: '"v1"', 'content-type': 'application/json' });
    response.end(isKnown ? undefined : models);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api.json`;
});
afterEach(async () => {
  await gateway?.stop();
  server.closeAllConnections();
  server.close();
});

async function auto({ url: base }: Gateway): Promise<unknown> {
  const page = (await (await fetch(`${base}/v1/models?client_version=0.169.0`)).json()) as { models: unknown[] };
  return page.models[0];
}

test('refresh-catalog loads the model catalog, and revalidates it the next time', async () => {
  gateway = await startGateway(config, { CCR_MODELS_DEV_URL: url });
  expect(await auto(gateway)).toMatchObject({ slug: 'auto', context_window: 128_000 });
  expect(asked).toEqual([]);

  const learnt = await gateway.ccr(['refresh-catalog', '--json']);
  expect(learnt, learnt.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(learnt.stdout)).toMatchObject({ outcome: 'updated', models: 11, newest: '2026-09-30' });
  expect(await auto(gateway)).toMatchObject({ context_window: 2_000_000, input_modalities: ['text', 'image'] });
  expect(existsSync(path.join(gateway.folders.home, '.claude-code-router', 'cache', 'models.dev.json'))).toBe(true);

  const again = await gateway.ccr(['refresh-catalog']);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/has not changed: 11 models of 6 providers/) });
  expect(asked.map((headers) => headers['if-none-match'])).toEqual([undefined, '"v1"']);
});

test('offline it fails and changes nothing, and .env cannot change the address', async () => {
  const dead = `http://127.0.0.1:${await freePort()}/api.json`;
  gateway = await startGateway(config, { CCR_MODELS_DEV_URL: dead });
  writeFileSync(path.join(gateway.folders.home, '.claude-code-router', '.env'), `CCR_MODELS_DEV_URL=${url}\n`);
  const refused = await gateway.ccr(['refresh-catalog']);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/refused the connection/) });
  expect(asked).toEqual([]);
  expect(await auto(gateway)).toMatchObject({ context_window: 128_000 });
});
