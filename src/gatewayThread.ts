// Runs the gateway in a worker thread of VS Code's extension host, so that extensions and streams don't block each other.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from './canonical/errors.ts';
import { createLog, type LogLevel } from './observe/log.ts';
import { PortInUseError } from './server/listen.ts';
import { ConfigError } from './server/watchedConfig.ts';
import { runGateway, type RunningGateway } from './server/run.ts';
import type { ThreadCommand, ThreadMessage, ThreadOptions } from './vscode/threadMessages.ts';

const { logLevel, ...options } = workerData as ThreadOptions;
let level: LogLevel = logLevel;
const log = createLog(
  () => level,
  (level, message) => post({ type: 'log', level, message }),
);
const starting = runGateway({ ...options, log });

parentPort?.on('message', (command: ThreadCommand) => {
  if (command.type === 'log-level') level = command.level;
  else void starting.then((gateway) => gateway.stop(command.drainMs)).catch(() => undefined);
});
starting.then(reportUntilClosed, reportFailure);

function post(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}

async function reportUntilClosed({ port, url, closed }: RunningGateway): Promise<void> {
  post({ type: 'ready', port, url });
  await closed;
  post({ type: 'closed' });
  // The open port would keep the thread alive.
  parentPort?.close();
}

function reportFailure(thrown: unknown): void {
  post(failureOf(thrown));
  parentPort?.close();
}

function failureOf(thrown: unknown): ThreadMessage {
  const message = messageOf(thrown);
  if (thrown instanceof PortInUseError) {
    const { port, suggestedPort } = thrown;
    return { type: 'failed', kind: 'port-in-use', message, port, suggestedPort };
  }
  if (thrown instanceof ConfigError) return { type: 'failed', kind: 'config', message, wording: thrown.wording };
  return { type: 'failed', kind: 'other', message };
}
