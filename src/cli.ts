#!/usr/bin/env node
import './cli/requireNode.ts';
import './cli/returnMemory.ts';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { version } from '../package.json';
import { runClaude } from './cli/claude.ts';
import { runCodex } from './cli/codex.ts';
import { visibleText } from './canonical/visibleText.ts';
import type { CliContext, ExitCode } from './cli/context.ts';
import { runProgram } from './cli/program.ts';

/** How long an open socket, say, may keep the process alive after the command has finished. Milliseconds. */
const lingerMs = 500;

const context: CliContext = {
  environment: process.env,
  homeDirectory: homedir(),
  currentDirectory: process.cwd(),
  platform: process.platform,
  version,
  cliPath: realpathSync(process.argv[1] ?? ''),
  print: (line) => void process.stdout.write(`${line}\n`),
  // What it quotes may come from a provider or a cloned folder.
  complain: (line) => void process.stderr.write(`${visibleText(line)}\n`),
};

// `ccr status | head -1` closes our output early, which is not an error.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

async function main([command, ...rest]: string[]): Promise<ExitCode> {
  if (command === 'codex') return runCodex(rest, context);
  if (command === 'claude') return runClaude(rest, context);
  return runProgram(command === undefined ? [] : [command, ...rest], context);
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
    setTimeout(() => process.exit(), lingerMs).unref();
  },
  (error: unknown) => {
    context.complain(`ccr: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exit(1);
  },
);
