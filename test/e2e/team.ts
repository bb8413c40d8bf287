import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createLog } from '../../src/observe/log.ts';
import { runGateway, type RunningGateway } from '../../src/server/run.ts';
import type { JsonObject } from '../upstream/json.ts';

/** A gateway in this process, with a home of its own. */
export type Member = {
  gateway: RunningGateway;
  home: string;
  logged: string[];
  /** Asks for a chat completion. `ms`: how long it took. */
  ask(body?: JsonObject, headers?: Record<string, string>): Promise<{ status: number; body: JsonObject; ms: number }>;
  get(path: string): Promise<JsonObject>;
  stop(): Promise<void>;
};

export async function startMember(config: JsonObject, environment: Record<string, string> = {}): Promise<Member> {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-team-'));
  const file = path.join(home, 'config.json');
  writeFileSync(file, JSON.stringify({ PORT: 0, ...config }));
  const logged: string[] = [];
  const gateway = await runGateway({
    file,
    environment: { CCR_MODELS_DEV_URL: 'off', ...environment },
    homeDirectory: home,
    workspaceFolder: undefined,
    version: 'test',
    log: createLog(
      () => 'debug',
      (_, message) => logged.push(message),
    ),
  });
  return {
    gateway,
    home,
    logged,
    async ask(body = {}, headers = {}) {
      const startedAt = performance.now();
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], ...body }),
      });
      const answer = (await response.json()) as JsonObject;
      return { status: response.status, body: answer, ms: performance.now() - startedAt };
    },
    get: async (url) => (await (await fetch(gateway.url + url)).json()) as JsonObject,
    async stop() {
      await gateway.stop(0);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Waits until what gateways told each other has arrived. */
export async function until(isTrue: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error('It did not happen in time.');
    await wait(5);
  }
}

/** How far apart the lowest and the highest tenth are, up to 20 ms: what other programs do to times that would be equal. */
export function spread(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return Math.min(at(0.9) - at(0.1), 20);
}

/** The upper one of two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
