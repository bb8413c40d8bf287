import path from 'node:path';
import { makePrivateFolder, writeFileAtomically } from '../control/privateFiles.ts';
import { runFolder } from '../control/runFiles.ts';

/** Fetching the Codex catalog. Milliseconds. */
const catalogTimeoutMs = 5_000;

/** The Codex catalog could not be fetched: nothing answers, or the answer is not a catalog. The message is for users. */
export class CodexCatalogError extends Error {
  override readonly name = 'CodexCatalogError';
  readonly kind: 'unreachable' | 'refused';

  constructor(kind: 'unreachable' | 'refused', message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** The gateway's Codex catalog for this version of Codex, or for the least capable one. @throws CodexCatalogError */
export async function fetchCodexCatalog(url: string, token: string, codexVersion = 'unknown'): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  let response: Response;
  try {
    response = await fetch(`${url}/v1/models?client_version=${encodeURIComponent(codexVersion)}`, {
      headers,
      signal: AbortSignal.timeout(catalogTimeoutMs),
    });
  } catch (error) {
    throw new CodexCatalogError('unreachable', `CCR is not running at ${url}`, error);
  }
  const text = await response.text();
  if (response.status === 401) {
    throw new CodexCatalogError('refused', `CCR at ${url} requires a token: set CCR_TOKEN to it`);
  }
  if (!response.ok || !isCodexCatalog(text))
    throw new CodexCatalogError('refused', `A program other than CCR answers at ${url}`);
  return text;
}

function isCodexCatalog(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'models' in value && Array.isArray(value.models);
  } catch {
    return false;
  }
}

/**
 * Writes the catalog next to the run file, atomically, since another Codex may be reading it. Each version of Codex has its
 * own file, because the formats differ. Returns the file's path.
 */
export function writeCodexCatalog(homeDirectory: string, url: string, text: string, codexVersion = ''): string {
  const folder = runFolder(homeDirectory);
  makePrivateFolder(folder);
  const reader = [new URL(url).host, codexVersion].filter((part) => part !== '').join('-');
  const file = path.join(folder, `codex-models-${reader.replaceAll(/[^\w.-]/g, '-')}.json`);
  writeFileAtomically(file, text, { mode: 0o600 });
  return file;
}
