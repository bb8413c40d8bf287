// `ccr test-model` through a gateway, with a provider whose model fails one check at a time.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkNames, readModelTests, type CheckName, type ModelTest } from '../../src/control/modelTests.ts';
import { testImage } from '../../src/doctor/testImage.ts';
import { startTestedModel, type TestedModel } from '../support/testedModel.ts';
import { startGateway, type Gateway } from './gateway.ts';

let model: TestedModel;
let gateway: Gateway;
beforeAll(async () => {
  model = await startTestedModel();
  const modelInfo = { m: { input_modalities: ['text', 'image'] } };
  const entry = { api_base_url: model.url, api_key: 'k', models: ['m'], allow_streaming: false, model_info: modelInfo };
  const blind = { ...entry, name: 'blind', model_info: { m: { input_modalities: ['text'] } } };
  gateway = await startGateway({
    Providers: [{ ...entry, name: 'kimi' }, blind, { ...entry, name: 'other' }],
    Router: { default: 'kimi,m', tiers: ['kimi,m', 'other,m'], strategy: 'ordered' },
  });
});
afterAll(async () => {
  await gateway.stop();
  model.close();
});

async function outcomes(
  failing: CheckName | undefined,
): Promise<{ code: number | null; test: ModelTest; others: string[] }> {
  model.fail(failing);
  const run = await gateway.ccr(['test-model', 'kimi,m', '--json', '--port', String(gateway.port)]);
  const test = JSON.parse(run.stdout) as ModelTest;
  const others = test.results.filter(({ outcome }) => outcome !== 'passed').map(({ name }) => name);
  return { code: run.code, test, others };
}

describe('ccr test-model', () => {
  test('passes a model that does everything, and stores the result with its date', async () => {
    const { code, test, others } = await outcomes(undefined);
    expect(test.results.map(({ name }) => name)).toEqual(checkNames);
    expect(others, JSON.stringify(test)).toEqual([]);
    expect(code).toBe(0);
    expect(test.tokens.output).toBeGreaterThan(0);
    const { home } = gateway.folders;
    expect(readModelTests(home)).toEqual([test]);
    const file = path.join(home, '.claude-code-router', 'state', 'model-tests.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain('marzipan');
  });

  test.each(checkNames)('says when the model fails %s', async (name) => {
    const { code, test, others } = await outcomes(name);
    expect(others, JSON.stringify(test.results)).toEqual([name]);
    // A provider without a cache has no fault.
    const isFault = name !== 'cache';
    expect(test.results.find((each) => each.name === name)).toMatchObject({
      outcome: isFault ? 'failed' : 'absent',
      detail: expect.any(String) as string,
    });
    expect(code).toBe(isFault ? 1 : 0);
  });

  test('sends no image to a model that reads none', async () => {
    model.fail('image');
    const run = await gateway.ccr(['test-model', 'blind,m', '--port', String(gateway.port)]);
    expect(run.stdout).toMatch(/^image +absent +It takes no images\.$/m);
  });

  test('what failed decides where requests go, which the running gateway notices', async () => {
    await outcomes('image');
    model.fail(undefined);
    const routeOf = async (content: object[]): Promise<string | null> => {
      const reply = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content }] }),
      });
      await reply.text();
      return reply.headers.get('x-ccr-route');
    };
    const text = { type: 'text', text: 'Which colour?' };
    const image = { type: 'image_url', image_url: { url: testImage } };
    await vi.waitFor(async () => expect(await routeOf([text, image])).toMatch(/^other,m;/), {
      timeout: 20_000,
      interval: 500,
    });
    expect(await routeOf([text])).toMatch(/^kimi,m;/);
    const explained = await gateway.ccr(['explain', '--port', String(gateway.port)]);
    expect(explained.stdout).not.toContain('failed-test');
  });

  test('names what the config has instead', async () => {
    const run = await gateway.ccr(['test-model', 'kimmi,m', '--port', String(gateway.port)]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean "kimi,m"?') as string });
  });
});
