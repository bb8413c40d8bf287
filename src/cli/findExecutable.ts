import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import which from 'which';
import { shimMarker } from './shimFiles.ts';

/** The marker is within this many bytes of a shim's start. */
const markerReach = 512;

/** The first program of this name in PATH that is not one of our shims. Relative folders in PATH are skipped. */
export function findBehindShim(
  name: string,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): string | undefined {
  return programs(name, environment, platform).find((file) => !isShim(file));
}

/** Where our shim of this name is in PATH: before all other programs of the name, behind one, or nowhere. */
export function findShimPlace(
  name: string,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): 'first' | 'behind' | 'missing' {
  const index = programs(name, environment, platform).findIndex(isShim);
  if (index === -1) return 'missing';
  return index === 0 ? 'first' : 'behind';
}

function programs(name: string, environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const isWindows = platform === 'win32';
  const pathExt = environment['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD';
  const fileNames = isWindows ? pathExt.split(';').map((extension) => name + extension.toLowerCase()) : [name];
  const folders = (pathOf(environment) ?? '').split(isWindows ? ';' : ':').filter((folder) => path.isAbsolute(folder));
  return folders.flatMap((folder) =>
    // `which` gets whole paths: for a bare name it looks in the current directory first on Windows.
    fileNames.flatMap((fileName) => which.sync(path.join(folder, fileName), { pathExt, nothrow: true }) ?? []),
  );
}

/** The PATH. Windows writes its name in any case. */
function pathOf(environment: NodeJS.ProcessEnv): string | undefined {
  const key = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH');
  return key === undefined ? undefined : environment[key];
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
