import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';

/** Stands in each of our shims, so that one is known wherever it lies: several windows may each have put theirs in PATH. */
export const shimMarker = 'ccr-codex-shim';

/** The marker is within this many bytes of a shim's start. */
const markerReach = 512;

/** The first program of this name in PATH that is not one of our shims. */
export function findBehindShim(
  name: string,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): string | undefined {
  const isWindows = platform === 'win32';
  const folders = (pathOf(environment) ?? '').split(isWindows ? ';' : ':').filter((folder) => path.isAbsolute(folder));
  const extensions = isWindows ? (environment['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';') : [''];
  for (const folder of folders) {
    for (const extension of extensions) {
      const file = path.join(folder, name + extension.toLowerCase());
      if (isProgram(file, isWindows) && !isShim(file)) return file;
    }
  }
  return undefined;
}

/** The PATH, by whatever case Windows wrote its name in. */
function pathOf(environment: NodeJS.ProcessEnv): string | undefined {
  const key = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH');
  return key === undefined ? undefined : environment[key];
}

function isProgram(file: string, isWindows: boolean): boolean {
  try {
    if (!statSync(file).isFile()) return false;
    if (!isWindows) accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isShim(file: string): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const start = Buffer.alloc(markerReach);
    return start.toString('latin1', 0, readSync(descriptor, start)).includes(shimMarker);
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
