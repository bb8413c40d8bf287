import path from 'node:path';
import { makePrivateFolder, writeFileAtomically } from '../control/privateFiles.ts';
import { runFolder } from '../control/runFiles.ts';

/** Milliseconds. */
const catalogTimeoutMs = 5_000;

/** Why there is no catalog: nobody answers, or what answers does not give one. The message is for people. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  readonly kind: 'unreachable' | 'refused';

  constructor(kind: 'unreachable' | 'refused', message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** The gateway's list of models in the form of this Codex, or of one that understands the least. @throws CatalogError */
export async function fetchCatalog(url: string, token: string, codexVersion = 'unknown'): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  let response: Response;
  try {
    response = await fetch(`${url}/v1/models?client_version=${encodeURIComponent(codexVersion)}`, {
      headers,
      signal: AbortSignal.timeout(catalogTimeoutMs),
    });
  } catch (error) {
    throw new CatalogError('unreachable', `CCR is not running at ${url}`, error);
  }
  const text = await response.text();
  if (response.status === 401) {
    throw new CatalogError('refused', `CCR at ${url} asks for a token: set CCR_TOKEN to it`);
  }
  if (!response.ok || !isCatalog(text)) throw new CatalogError('refused', `What answers at ${url} is not CCR`);
  return text;
}

function isCatalog(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'models' in value && Array.isArray(value.models);
  } catch {
    return false;
  }
}

/**
 * Beside the run file, whole or not at all: another Codex may be reading it, though none of another version, which may
 * not understand it. Returns its path.
 */
export function writeCatalogFile(homeDirectory: string, url: string, text: string, codexVersion = ''): string {
  const folder = runFolder(homeDirectory);
  makePrivateFolder(folder);
  const reader = [new URL(url).host, codexVersion].filter((part) => part !== '').join('-');
  const file = path.join(folder, `codex-models-${reader.replaceAll(/[^\w.-]/g, '-')}.json`);
  writeFileAtomically(file, text, { mode: 0o600 });
  return file;
}
