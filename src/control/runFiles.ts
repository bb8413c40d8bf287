import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../canonical/json.ts';
import { configFolder } from '../config/files.ts';
import { readSecretFile } from '../config/secretFile.ts';
import { makePrivateFolder, writeFileAtomically } from './privateFiles.ts';
import type { RunFile } from './protocol.ts';

export function runFolder(homeDirectory: string): string {
  return path.join(configFolder(homeDirectory), 'run');
}

function runFilePath(homeDirectory: string, port: number): string {
  return path.join(runFolder(homeDirectory), `${port}.json`);
}

/** Only the owner can read the file, since it holds the control API's token. */
export function writeRunFile(homeDirectory: string, runFile: RunFile): void {
  makePrivateFolder(runFolder(homeDirectory));
  writeFileAtomically(runFilePath(homeDirectory, runFile.port), JSON.stringify(runFile), { mode: 0o600 });
}

/** Undefined if the file is missing or invalid, or if others could have written it. */
export function readRunFile(homeDirectory: string, port: number): RunFile | undefined {
  try {
    const { bytes } = readSecretFile(runFilePath(homeDirectory, port), { maxBytes: 64 * 1024, noLinks: true });
    return asRunFile(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Without a library of schemas: the extension reads it at activation. */
function asRunFile(value: unknown): RunFile | undefined {
  if (!isObject(value)) return undefined;
  const { pid, port, host, version, protocol, token } = value;
  const isText = typeof host === 'string' && typeof version === 'string' && typeof token === 'string' && token !== '';
  return isText && isInteger(pid) && isInteger(port) && isInteger(protocol)
    ? { pid, port, host, version, protocol, token }
    : undefined;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** The run files of all gateways. Some may be stale: a gateway that crashes does not remove its file. */
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

/** Removes the run file only if it holds this token, since another gateway may have taken the port meanwhile. */
export function removeRunFile(homeDirectory: string, port: number, token: string): void {
  if (readRunFile(homeDirectory, port)?.token === token) rmSync(runFilePath(homeDirectory, port), { force: true });
}
