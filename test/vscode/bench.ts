// Measures, inside the extension host, what the extension costs its window: how long its activation takes, and how long
// another extension's command waits while 100 streams run through the gateway. Prints the figures; compare them on a quiet machine.
import { appendFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import { eventually, findGateway, gatewayUrl, start, useConfig, useDemo, windowScope } from './support.ts';

const streams = 100;
const measuredMs = 10_000;
/** Between two frames of a stream: each sends some 20 a second, as fast models do. Milliseconds. */
const frameMs = 50;
/** For loading our code and activating it. */
const activationLimitMs = 50;
const latencyLimitMs = 50;

export async function run(): Promise<void> {
  try {
    const { loading, activating, reading } = await measureActivation();
    const quiet = await measureCommand();
    const busy = await withStreams(measureCommand);
    print(`loading our code           ${loading.toFixed(1)} ms`);
    print(`activating it              ${activating.toFixed(1)} ms`);
    print(`then, to read the config   ${reading.toFixed(1)} ms`);
    print(`a command, quiet           p50 ${quiet.p50.toFixed(2)} ms, p99 ${quiet.p99.toFixed(2)} ms`);
    print(`a command, ${busy.open} streams    p50 ${busy.p50.toFixed(2)} ms, p99 ${busy.p99.toFixed(2)} ms`);
    const isGood = loading + activating < activationLimitMs && busy.p99 < latencyLimitMs;
    print(isGood ? '1 passed, 0 failed' : '0 passed, 1 failed');
  } catch (error) {
    print(String(error));
    print('0 passed, 1 failed');
    throw error;
  }
}

type Activation = { loading: number; activating: number; reading: number };

/**
 * Reading and running our code anew, which the host has done before; what the activation at the start took, by its own measure;
 * and loading what reads the config, which happens after it.
 */
async function measureActivation(): Promise<Activation> {
  const extension = vscode.extensions.getExtension('ccr.ccr-vscode');
  const folder = vscode.Uri.joinPath(extension?.extensionUri ?? vscode.Uri.file('/'), 'dist').fsPath;
  for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
  const configReader = readdirSync(path.join(folder, 'extension')).find((name) => /^load-\w+\.js$/.test(name)) ?? '';
  const loading = timeOf(() => require(path.join(folder, 'extension.js')));
  const reading = timeOf(() => require(path.join(folder, 'extension', configReader)));
  await extension?.activate();
  const [measured] = performance.getEntriesByName('ccr.activate');
  if (!measured) throw new Error('The extension has not measured its activation.');
  return { loading, activating: measured.duration, reading };
}

function timeOf(action: () => void): number {
  const before = performance.now();
  action();
  return performance.now() - before;
}

async function measureCommand(): Promise<{ p50: number; p99: number }> {
  const command = vscode.commands.registerCommand('another.extension.command', () => undefined);
  const times: number[] = [];
  const end = performance.now() + measuredMs;
  while (performance.now() < end) {
    const asked = performance.now();
    await vscode.commands.executeCommand('another.extension.command');
    await new Promise(setImmediate); // the host's event loop has to come round
    times.push(performance.now() - asked);
    await wait(5);
  }
  command.dispose();
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(part * (times.length - 1))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Keeps as many streams open as `streams` says while `action` runs; each that ends is followed by another. */
async function withStreams<T>(action: () => Promise<T>): Promise<T & { open: number }> {
  await start();
  const standIn = await startStandIn({
    provider: 'openai-chat',
    script: always(turn({ text: 'A long answer of many words. '.repeat(40) })),
    beforeFrame: async () => wait(frameMs),
  });
  await useConfig({
    Providers: [{ name: 'slow', api_base_url: standIn.url, models: ['m'] }],
    Router: { default: 'slow,m' },
  });
  const stop = new AbortController();
  const running = Array.from({ length: streams }, () => keepStreaming(stop.signal));
  const open = await eventually(async () => {
    const { active } = await (await findGateway()).state();
    if (active.streams < streams) throw new Error(`only ${active.streams} streams are open`);
    return active.streams;
  });
  try {
    return { ...(await action()), open };
  } finally {
    stop.abort();
    await Promise.allSettled(running);
    await useDemo();
    await standIn.close();
  }
}

async function keepStreaming(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const reply = await fetch(`${gatewayUrl()}/w/${windowScope()}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
      signal,
    });
    await reply.text();
  }
}

function print(line: string): void {
  const file = process.env['VSCODE_HOST_REPORT'];
  if (file === undefined) console.log(line);
  else appendFileSync(file, `${line}\n`);
}
