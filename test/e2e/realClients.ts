// The real Codex and the real Claude Code, started by `ccr codex exec` and `ccr claude -p`, and what the gateway recorded.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { attach } from '../../src/control/client.ts';
import type { RequestView } from '../../src/control/protocol.ts';
import { createClientFolders, execFlags, pinnedCodex, runCodex, type ClientFolders, type CodexRun } from './codex.ts';
import { askInTerminal, trustWorkspace, type CodexSession } from './codexTerminal.ts';
import { cli, type Gateway } from './gateway.ts';
import { installClaudeCode } from './installClients.mjs';
import { openTerminal } from './terminal.ts';

export type ClientName = 'claude' | 'codex';

type ClientRun = {
  args: readonly string[];
  environment?: Record<string, string>;
  /** For stdin. */
  input?: string;
  /** With an earlier run's, a conversation can go on. By default fresh ones, which are removed afterwards. */
  folders?: ClientFolders;
};

/** Runs a client to its end, with the gateway's home, where its run file is. */
export async function runClient(
  gateway: Gateway,
  client: ClientName,
  { args, environment, input, folders: given }: ClientRun,
): Promise<CodexRun> {
  const folders = given ?? clientFolders();
  try {
    const bin = await binFolder(folders, client);
    return await runCodex({
      binary: cli,
      args: [client, '--port', String(gateway.port), ...(client === 'claude' ? ['-p'] : execFlags), ...args],
      environment: {
        PATH: [bin, nodePath()].join(path.delimiter),
        CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
        CODEX_HOME: path.join(folders.home, '.codex'),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '1',
        // Claude Code runs no tools without asking as root, but in a sandbox.
        IS_SANDBOX: '1',
        ...environment,
      },
      workspace: folders.workspace,
      ...(input === undefined ? {} : { input }),
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

/** Asks Codex one question in its terminal interface, and quits. `answer` is waited for on the screen. */
export async function askCodexInTerminal(gateway: Gateway, question: string, answer: RegExp): Promise<CodexSession> {
  const folders = clientFolders();
  try {
    const codexHome = path.join(folders.home, '.codex');
    trustWorkspace(codexHome, folders.workspace);
    return await askInTerminal({
      command: [process.execPath, cli, 'codex', '--port', String(gateway.port)],
      environment: { CODEX_HOME: codexHome },
      workspace: folders.workspace,
      home: gateway.folders.home,
      question,
      answer,
    });
  } finally {
    folders.remove();
  }
}

/** Asks Claude Code one question in its terminal interface, in a folder that is trusted, and returns the screen with the answer. */
export async function askClaudeInTerminal(
  gateway: Gateway,
  question: string,
  answer: RegExp,
  environment: Record<string, string> = {},
): Promise<string> {
  const folders = clientFolders();
  const config = path.join(folders.home, '.claude');
  mkdirSync(config, { recursive: true });
  const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
  const state = { hasCompletedOnboarding: true, theme: 'dark', projects: { [folders.workspace]: trusted } };
  writeFileSync(path.join(config, '.claude.json'), JSON.stringify(state));
  const terminal = openTerminal({
    command: [process.execPath, cli, 'claude', '--port', String(gateway.port)],
    environment: {
      PATH: [await binFolder(folders, 'claude'), nodePath()].join(path.delimiter),
      CLAUDE_CONFIG_DIR: config,
      // It would install its newest version for the whole machine.
      DISABLE_AUTOUPDATER: '1',
      ...environment,
    },
    workspace: folders.workspace,
    home: gateway.folders.home,
  });
  try {
    await terminal.shows(/^❯/m);
    return await terminal.enter(question, answer);
  } finally {
    terminal.close();
    folders.remove();
  }
}

/** A folder for PATH that has the client. */
async function binFolder({ root }: ClientFolders, client: ClientName): Promise<string> {
  const bin = path.join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = path.join(bin, client);
  if (!existsSync(program)) symlinkSync(client === 'claude' ? await installClaudeCode() : pinnedCodex(), program);
  return bin;
}

function nodePath(): string {
  return [path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter);
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
