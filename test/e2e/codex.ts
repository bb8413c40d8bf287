import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export type CodexRun = { code: number | null; stdout: string; stderr: string };

export type CodexOptions = {
  /** A program, or a script for this Node when it ends in .js, .cjs or .mjs. */
  binary: string;
  args: readonly string[];
  workspace: string;
  home: string;
  /** Added to HOME, CODEX_HOME, PATH and TMPDIR. The client sees nothing else of our own environment. */
  environment?: Record<string, string>;
  timeoutMs?: number;
  /** What the client reads from stdin, which is closed after it. */
  input?: string;
};

const toolsFolder = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));

/** The Codex CLI that package.json pins. */
export function pinnedCodex(): string {
  const manifest = createRequire(import.meta.url).resolve('@openai/codex/package.json');
  return path.join(path.dirname(manifest), 'bin', 'codex.js');
}

/**
 * For `codex exec` in a folder without a repository. Without Codex's sandbox, which is not under test and does not work on a
 * machine without user namespaces.
 */
export const execFlags = ['exec', '--skip-git-repo-check', '-s', 'danger-full-access'] as const;

export type ClientFolders = { root: string; home: string; workspace: string; remove: () => void };

/** A fresh home and workspace. Codex warns if its home is inside TMPDIR, so TMPDIR is a separate folder below. */
export function createClientFolders(parent: string): ClientFolders {
  mkdirSync(parent, { recursive: true });
  const root = mkdtempSync(path.join(parent, 'client-'));
  const home = path.join(root, 'home');
  const workspace = path.join(root, 'workspace');
  for (const folder of [path.join(home, '.codex'), workspace, path.join(root, 'temporary')]) {
    mkdirSync(folder, { recursive: true });
  }
  return { root, home, workspace, remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The files that `agentScript` makes a client write; undefined for missing ones. */
export function agentFiles(workspace: string): { shell: string | undefined; patched: string | undefined } {
  const read = (name: string): string | undefined => {
    const file = path.join(workspace, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  return { shell: read('shell.txt'), patched: read('patched.txt') };
}

/** Runs a client to its end. Kills its process group afterwards, and when it takes too long. */
export async function runCodex(options: CodexOptions): Promise<CodexRun> {
  const isScript = /\.[cm]?js$/.test(options.binary);
  const [command, args] = isScript
    ? [process.execPath, [options.binary, ...options.args]]
    : [options.binary, [...options.args]];
  const child = spawn(command, args, {
    cwd: options.workspace,
    env: clientEnvironment(options),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // A client that ends without reading it all is judged by its exit code.
  child.stdin.on('error', () => undefined).end(options.input);
  const killGroup = (): void => signalGroup(child.pid);
  const timer = setTimeout(killGroup, options.timeoutMs ?? 45_000);
  try {
    return await collect(child);
  } finally {
    clearTimeout(timer);
    killGroup();
  }
}

/** A client's whole environment, without the developer's own variables. */
export function clientEnvironment({
  home,
  environment = {},
}: Pick<CodexOptions, 'home' | 'environment'>): Record<string, string> {
  return {
    // The pinned Node and the pinned codex come first.
    PATH: [path.dirname(process.execPath), toolsFolder, process.env['PATH'] ?? ''].join(path.delimiter),
    HOME: home,
    CODEX_HOME: path.join(home, '.codex'),
    TMPDIR: path.join(path.dirname(home), 'temporary'),
    // The developer's proxy would receive requests to 127.0.0.1.
    NO_PROXY: '127.0.0.1,localhost',
    ...environment,
  };
}

function collect(child: ReturnType<typeof spawn>): Promise<CodexRun> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function signalGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has already ended.
  }
}
