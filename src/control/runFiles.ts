import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { configFolder } from '../config/files.ts';
import type { RunFile } from './protocol.ts';

const runFileSchema = z.object({
  pid: z.int(),
  port: z.int(),
  host: z.string(),
  version: z.string(),
  protocol: z.int(),
  token: z.string().min(1),
});

export function runFolder(homeDirectory: string): string {
  return path.join(configFolder(homeDirectory), 'run');
}

function runFilePath(homeDirectory: string, port: number): string {
  return path.join(runFolder(homeDirectory), `${port}.json`);
}

/** Written whole or not at all, and readable by its owner alone from the first moment. */
export function writeRunFile(homeDirectory: string, runFile: RunFile): void {
  const folder = runFolder(homeDirectory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const file = runFilePath(homeDirectory, runFile.port);
  const draft = `${file}.${runFile.pid}`;
  // A file of our own and no other: neither a link nor what somebody left there, with its permissions.
  rmSync(draft, { force: true });
  writeFileSync(draft, JSON.stringify(runFile), { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
}

/** Undefined when there is none, or none that can be read. */
export function readRunFile(homeDirectory: string, port: number): RunFile | undefined {
  try {
    return runFileSchema.parse(JSON.parse(readFileSync(runFilePath(homeDirectory, port), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Of all gateways that said they run; some may have died without a word. */
export function readRunFiles(homeDirectory: string): RunFile[] {
  let names: string[];
  try {
    names = readdirSync(runFolder(homeDirectory));
  } catch {
    return [];
  }
  const ports = names.map((name) => /^(\d+)\.json$/.exec(name)?.[1]).filter((port) => port !== undefined);
  return ports.map((port) => readRunFile(homeDirectory, Number(port))).filter((runFile) => runFile !== undefined);
}

/** Removes a gateway's own file; another's, that has taken the port since, stays. */
export function removeRunFile(homeDirectory: string, port: number, token: string): void {
  if (readRunFile(homeDirectory, port)?.token === token) rmSync(runFilePath(homeDirectory, port), { force: true });
}
