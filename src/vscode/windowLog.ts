import * as vscode from 'vscode';
import { createLog, type Log, type LogLevel } from '../observe/log.ts';

/** The output channel "CCR": what the gateway and this window have to tell. */
export type WindowLog = Log & { show(): void };

export function createWindowLog(context: vscode.ExtensionContext, level: () => LogLevel): WindowLog {
  const channel = vscode.window.createOutputChannel('CCR', { log: true });
  context.subscriptions.push(channel);

  /** The channel has a level of its own, which must not swallow what ccr.logLevel asks for. */
  function write(level: LogLevel, message: string): void {
    if (level === 'debug' && channel.logLevel > vscode.LogLevel.Debug) channel.info(`[debug] ${message}`);
    else channel[level](message);
  }

  return { ...createLog(level, write), show: () => channel.show() };
}
