import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import type { ExitCode } from './context.ts';

export type OwnOptions = { userArguments: string[]; port: number | undefined; isShim: boolean; error?: string };

/** Splits the arguments of `ccr codex` or `ccr claude` into our own leading options and the arguments of the client. */
export function ownOptions(commandArguments: readonly string[]): OwnOptions {
  const [first = '', ...rest] = commandArguments;
  if (first === '--shim') return { userArguments: rest, port: undefined, isShim: true };
  const own = /^--port(?:=(.*))?$/.exec(first);
  if (!own) return { userArguments: [...commandArguments], port: undefined, isShim: false };
  const text = own[1] ?? rest[0] ?? '';
  const userArguments = own[1] === undefined ? rest.slice(1) : rest;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  const isPort = port > 0 && port < 65_536;
  return { userArguments, port, isShim: false, ...(isPort ? {} : { error: '--port needs a number from 1 to 65535.' }) };
}

/** Our shim runs Electron as Node through a variable, which the client and its children must not inherit. */
export function clientEnvironment(environment: NodeJS.ProcessEnv, isShim: boolean): NodeJS.ProcessEnv {
  if (!isShim) return environment;
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = environment;
  return rest;
}

export type ClientRun = {
  /** Absolute path of the program. */
  file: string;
  arguments: readonly string[];
  environment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
};

/** Runs a client with our input and output, passes signals to it, and exits as it does. */
export async function runClient(run: ClientRun): Promise<ExitCode> {
  const { file, arguments: commandArguments, verbatim } = launchPlan(run);
  const child = spawn(file, commandArguments, {
    stdio: 'inherit',
    env: run.environment,
    windowsVerbatimArguments: verbatim,
  });
  const release = passSignals(child);
  try {
    const { code, signal } = await ended(child);
    release();
    if (signal) return exitBySignal(signal);
    return code ?? 1;
  } finally {
    release();
  }
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
}

/**
 * Forwards signals to the client. A terminal sends Ctrl+C to the client too, so there SIGINT and SIGQUIT are not forwarded:
 * the client would get them twice.
 */
function passSignals(child: ChildProcess): () => void {
  const sentByTerminal: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
  const signals: NodeJS.Signals[] = [...sentByTerminal, 'SIGTERM', 'SIGHUP'];
  const pass = (signal: NodeJS.Signals): void => {
    if (!(process.stdin.isTTY && sentByTerminal.includes(signal))) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, pass);
  return () => signals.forEach((signal) => process.off(signal, pass));
}

/** Ends this process by the same signal, so that the parent process sees what it would see of the client. */
function exitBySignal(signal: NodeJS.Signals): ExitCode {
  process.kill(process.pid, signal);
  return 128 + (constants.signals[signal] ?? 0);
}

type LaunchPlan = { file: string; arguments: string[]; verbatim: boolean };

/** On Windows the program may be a batch file, which Node can't start directly. */
export function launchPlan({ file, arguments: given, environment, platform }: ClientRun): LaunchPlan {
  if (platform !== 'win32' || !/\.(cmd|bat)$/i.test(file)) return { file, arguments: [...given], verbatim: false };
  const script = npmScriptOf(file);
  if (script) return { file: nodeBeside(file), arguments: [script, ...given], verbatim: false };
  const line = [escapeMeta(file), ...given.map(cmdArgument)];
  const shell = environment['ComSpec'] ?? environment['COMSPEC'] ?? 'cmd.exe';
  return { file: shell, arguments: ['/d', '/s', '/c', `"${line.join(' ')}"`], verbatim: true };
}

/** The script that npm's `codex.cmd` runs. Without cmd.exe, arguments need no escaping and Ctrl+C shows no prompt. */
function npmScriptOf(file: string): string | undefined {
  if (path.basename(file, path.extname(file)).toLowerCase() !== 'codex') return undefined;
  const script = path.join(path.dirname(file), 'node_modules', '@openai', 'codex', 'bin', 'codex.js');
  return existsSync(script) ? script : undefined;
}

function nodeBeside(file: string): string {
  const own = path.join(path.dirname(file), 'node.exe');
  return existsSync(own) ? own : 'node.exe';
}

/**
 * An argument for a batch file that passes on `%*`: quoted for the program's parser (backslashes before a quote are
 * doubled), then escaped for cmd.exe twice, since it parses the line a second time inside the batch file.
 */
export function cmdArgument(argument: string): string {
  const quoted = `"${argument.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\*)$/, '$1$1')}"`;
  return escapeMeta(escapeMeta(quoted));
}

function escapeMeta(text: string): string {
  return text.replaceAll(/[()\][%!^"`<>&|;, *?]/g, '^$&');
}
