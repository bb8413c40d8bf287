// `npm run audit` against a registry that knows a vulnerability, one that knows none, and one that is no help.
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signatureProblems } from '../../scripts/audit/problems.mjs';

const script = fileURLToPath(new URL('../../scripts/audit.mjs', import.meta.url));

let registry: Server;
let cache: string;
/** What the registry answers to a question about vulnerabilities. `undefined`: it takes no such questions. */
let advisories: object | undefined;

beforeAll(async () => {
  cache = mkdtempSync(path.join(tmpdir(), 'ccr-audit-'));
  registry = createServer((request, response) => {
    request.resume();
    const isQuestion = request.url === '/-/npm/v1/security/advisories/bulk';
    if (!isQuestion) return void response.writeHead(404).end('{}');
    if (!advisories) return void response.writeHead(405).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(advisories));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
});
afterAll(() => {
  registry.close();
  rmSync(cache, { recursive: true });
});

async function audit(...words: string[]) {
  const npm = {
    npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}`,
    npm_config_cache: cache,
    npm_config_offline: 'false',
  };
  const child = spawn(process.execPath, [script, ...words], { env: { ...process.env, ...npm } });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, output, errors };
}

let advisoryId = 0;
function advisory(severity: string) {
  // npm keeps what it knows of an id in its cache.
  return [
    { id: ++advisoryId, url: 'https://example.test/1', title: 'Reads too much', severity, vulnerable_versions: '*' },
  ];
}

describe('npm run audit', () => {
  test('passes when nothing is known', async () => {
    advisories = {};
    expect(await audit()).toMatchObject({ code: 0, output: expect.stringContaining('vulnerabilities: nothing found') });
  });

  test('fails for any vulnerability of a bundled package', async () => {
    advisories = { undici: advisory('low') };
    const { code, output } = await audit();
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('undici (bundled, low): Reads too much https://example.test/1'),
    ]);
  });

  test.each([
    ['moderate', 0],
    ['high', 1],
  ])('for one of a tool that is %s: %i', async (severity, expected) => {
    advisories = { mocha: advisory(severity) };
    expect((await audit()).code).toBe(expected);
  });

  test('says that a registry has no answer, which fails only with --strict', async () => {
    advisories = undefined;
    const { code, errors } = await audit();
    expect([code, errors]).toEqual([0, expect.stringMatching(/vulnerabilities: not checked.* 405 Method Not Allowed/)]);
    expect((await audit('--strict')).code).toBe(1);
  });
});

test('wrong and missing signatures are problems', () => {
  const answer = { invalid: [{ name: 'a', version: '1.0.0' }], missing: [{ name: 'b', version: '2.0.0' }] };
  expect(signatureProblems(answer)).toEqual(['a 1.0.0: signature or provenance is invalid', 'b 2.0.0: no signature']);
});
