import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const packageSchema = z.looseObject({ name: z.literal('@openai/codex'), version: z.string().min(1) });

/**
 * The version of the Codex at `file`, read from its npm package: next to the program that a link resolves to, or, as on
 * Windows, next to npm's launcher script. Undefined when npm did not install it; Codex is not run to find out.
 */
export function findCodexVersion(file: string): string | undefined {
  const beside = path.join(path.dirname(file), 'node_modules', '@openai', 'codex', 'package.json');
  return (
    readVersion(() => path.join(path.dirname(realpathSync(file)), '..', 'package.json')) ?? readVersion(() => beside)
  );
}

function readVersion(find: () => string): string | undefined {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(find(), 'utf8'))).version;
  } catch {
    return undefined;
  }
}
