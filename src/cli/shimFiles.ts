import { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { configFolder } from '../config/files.ts';
import { writeFileAtomically } from '../control/privateFiles.ts';

/** Written into each of our shims, so that any of them is recognized: several windows may each have put theirs in PATH. */
export const shimMarker = 'ccr-codex-shim';

export type ShimOptions = {
  /** The Node that runs the CLI. In VS Code this is its own executable. */
  nodePath: string;
  /** dist/cli.js. */
  cliPath: string;
  /** Whether `nodePath` is Electron, which needs ELECTRON_RUN_AS_NODE to act as Node. */
  electron: boolean;
};

/** A client that terminals run through CCR. */
export type ShimmedClient = 'codex' | 'claude';

const clientNames: Record<ShimmedClient, string> = { codex: 'Codex', claude: 'Claude Code' };

/**
 * Writes the client's shim and `ccr` (POSIX shells, Git Bash, and `.cmd` for Windows) into a folder that comes first in the PATH
 * of a terminal in which the client uses CCR. Writes are atomic, since terminals may be running the files. Every window does this
 * when it opens, so files that are there already are only read, which takes a tenth of the time.
 */
export function writeShims(directory: string, client: ShimmedClient, options: ShimOptions): void {
  mkdirSync(directory, { recursive: true });
  writeProgram(path.join(directory, client), posixShim(client, options));
  writeProgram(path.join(directory, `${client}.cmd`), windowsShim(client, options));
  writeProgram(path.join(directory, 'ccr'), posixCli(options));
  writeProgram(path.join(directory, 'ccr.cmd'), windowsCli(options));
}

function writeProgram(file: string, text: string): void {
  if (!isProgram(file, text)) writeFileAtomically(file, text, { mode: 0o755 });
}

/** Whether a file has this text and may be run. Not a link: what it leads to could be changed by others. */
function isProgram(file: string, text: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size !== Buffer.byteLength(text)) return false;
  const mayRun = process.platform === 'win32' || (found.mode & 0o777) === 0o755;
  return mayRun && readFileSync(file, 'utf8') === text;
}

/**
 * Writes the program that prints the gateway's token for clients (`auth.command` in Codex's config.toml) and returns its path.
 * The file stays in place when CCR is updated, which moves the CLI.
 */
export function writeTokenHelper(directory: string, platform: NodeJS.Platform, options: ShimOptions): string {
  mkdirSync(directory, { recursive: true });
  const isWindows = platform === 'win32';
  const file = tokenHelperFile(directory, platform);
  const script = isWindows ? batchFile([], 'token %*', options) : posixTokenHelper(options);
  writeProgram(file, script);
  return file;
}

/** Writes the helper again if a client uses it: an update of the extension moves the CLI. */
export function refreshTokenHelper(directory: string, platform: NodeJS.Platform, options: ShimOptions): void {
  if (existsSync(tokenHelperFile(directory, platform))) writeTokenHelper(directory, platform, options);
}

/** Outside the extension's own folders, so that the helper outlives it. */
export function tokenHelperFolder(homeDirectory: string): string {
  return path.join(configFolder(homeDirectory), 'bin');
}

export function tokenHelperFile(directory: string, platform: NodeJS.Platform): string {
  return path.join(directory, platform === 'win32' ? 'ccr-token.cmd' : 'ccr-token');
}

/** Uses the `ccr` in PATH when the one that wrote it has been removed. */
function posixTokenHelper({ nodePath, cliPath, electron }: ShimOptions): string {
  return `#!/bin/sh
if [ -f ${posixQuote(cliPath)} ] && [ -x ${posixQuote(nodePath)} ]; then
  ${electron ? 'ELECTRON_RUN_AS_NODE=1 ' : ''}exec ${posixQuote(nodePath)} ${posixQuote(cliPath)} token "$@"
fi
exec ccr token "$@"
`;
}

/** Falls back to the plain client when CCR has been removed but a terminal still has the shim. */
function posixShim(client: ShimmedClient, { nodePath, cliPath, electron }: ShimOptions): string {
  return `#!/bin/sh
# ${shimMarker}: runs ${clientNames[client]} through CCR. CCR_BYPASS=1 runs the plain client.
node=${posixQuote(nodePath)}
cli=${posixQuote(cliPath)}
if [ ! -f "$cli" ] || [ ! -x "$node" ]; then
  set -f
  IFS=:
  for folder in $PATH; do
    [ -x "$folder/${client}" ] && ! grep -qs ${shimMarker} "$folder/${client}" && exec "$folder/${client}" "$@"
  done
  echo '${client}: command not found' >&2
  exit 127
fi
${electron ? 'ELECTRON_RUN_AS_NODE=1 ' : ''}exec "$node" "$cli" ${client} --shim "$@"
`;
}

function posixCli({ nodePath, cliPath, electron }: ShimOptions): string {
  return `#!/bin/sh
${electron ? 'ELECTRON_RUN_AS_NODE=1 ' : ''}exec ${posixQuote(nodePath)} ${posixQuote(cliPath)} "$@"
`;
}

function windowsShim(client: ShimmedClient, options: ShimOptions): string {
  const remark = `rem ${shimMarker}: runs ${clientNames[client]} through CCR. CCR_BYPASS=1 runs the plain client.`;
  return batchFile([remark], `${client} --shim %*`, options);
}

function windowsCli(options: ShimOptions): string {
  return batchFile([], '%*', options);
}

function batchFile(remarks: string[], cliArguments: string, { nodePath, cliPath, electron }: ShimOptions): string {
  const lines = [
    '@echo off',
    ...remarks,
    'setlocal',
    ...(electron ? ['set "ELECTRON_RUN_AS_NODE=1"'] : []),
    `"${cmdQuote(nodePath)}" "${cmdQuote(cliPath)}" ${cliArguments}`,
    'exit /b %ERRORLEVEL%',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function posixQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Within double quotes of a batch file only % is special. */
function cmdQuote(text: string): string {
  return text.replaceAll('%', '%%');
}
