import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const packageSchema = z.looseObject({ name: z.string(), version: z.string().min(1) });

/** The version of the Codex at `file`. */
export function findCodexVersion(file: string): string | undefined {
  return findClientVersion(file, '@openai/codex');
}

/**
 * The version of a client, read from its npm package: next to the program that a link resolves to, or, as on Windows, next to
 * npm's launcher script. Undefined when npm did not install it; the client is not run to find out.
 */
export function findClientVersion(file: string, packageName: string): string | undefined {
  const beside = path.join(path.dirname(file), 'node_modules', ...packageName.split('/'), 'package.json');
  return (
    readVersion(() => path.join(path.dirname(realpathSync(file)), '..', 'package.json'), packageName) ??
    readVersion(() => beside, packageName)
  );
}

function readVersion(find: () => string, packageName: string): string | undefined {
  try {
    const { name, version } = packageSchema.parse(JSON.parse(readFileSync(find(), 'utf8')));
    return name === packageName ? version : undefined;
  } catch {
    return undefined;
  }
}
