import * as vscode from 'vscode';
import { createLog, type Log, type LogLevel } from '../observe/log.ts';

/** The output channel "CCR", with the log of the gateway and of this window. */
export type WindowLog = Log & { show(): void };

export function createWindowLog(context: vscode.ExtensionContext, level: () => LogLevel): WindowLog {
  const channel = vscode.window.createOutputChannel('CCR', { log: true });
  context.subscriptions.push(channel);

  /** The channel filters by its own level, so debug lines that ccr.logLevel asks for are written as info. */
  function write(level: LogLevel, message: string): void {
    if (level === 'debug' && channel.logLevel > vscode.LogLevel.Debug) channel.info(`[debug] ${message}`);
    else channel[level](message);
  }

  return { ...createLog(level, write), show: () => channel.show() };
}
