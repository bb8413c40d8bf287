// The real Codex and the real Claude Code, started by `ccr codex exec` and `ccr claude -p`, and what the gateway recorded.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { attach } from '../../src/control/client.ts';
import type { RequestView } from '../../src/control/protocol.ts';
import { createClientFolders, execFlags, pinnedCodex, runCodex, type ClientFolders, type CodexRun } from './codex.ts';
import { cli, type Gateway } from './gateway.ts';
import { installClaudeCode } from './installClients.mjs';

export type ClientName = 'claude' | 'codex';

type ClientRun = {
  args: readonly string[];
  environment?: Record<string, string>;
  /** With an earlier run's, a conversation can go on. By default fresh ones, which are removed afterwards. */
  folders?: ClientFolders;
};

/** Runs a client to its end, with the gateway's home, where its run file is. */
export async function runClient(
  gateway: Gateway,
  client: ClientName,
  { args, environment, folders: given }: ClientRun,
): Promise<CodexRun> {
  const folders = given ?? clientFolders();
  try {
    const bin = path.join(folders.root, 'bin');
    mkdirSync(bin, { recursive: true });
    const program = path.join(bin, client);
    if (!existsSync(program)) symlinkSync(client === 'claude' ? await installClaudeCode() : pinnedCodex(), program);
    return await runCodex({
      binary: cli,
      args: [client, '--port', String(gateway.port), ...(client === 'claude' ? ['-p'] : execFlags), ...args],
      environment: {
        PATH: [bin, path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter),
        CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
        CODEX_HOME: path.join(folders.home, '.codex'),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '1',
        // Claude Code runs no tools without asking as root, but in a sandbox.
        IS_SANDBOX: '1',
        ...environment,
      },
      workspace: folders.workspace,
      home: gateway.folders.home,
      timeoutMs: 90_000,
    });
  } finally {
    if (!given) folders.remove();
  }
}

export function clientFolders(): ClientFolders {
  return createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
}

/** All that a client printed. */
export function screenOf({ stdout, stderr }: CodexRun): string {
  return `${stdout}\n${stderr}`;
}

/** Reads the records of the requests since its last call. */
export function recordReader(gateway: Gateway): () => Promise<RequestView[]> {
  let cursor = 0;
  return async () => {
    const occupant = await attach({ homeDirectory: gateway.folders.home, port: gateway.port });
    if (occupant.kind !== 'ccr') throw new Error('The gateway does not answer.');
    const views = await occupant.client.requests({ after: cursor });
    cursor = views.at(-1)?.cursor ?? cursor;
    return views;
  };
}
