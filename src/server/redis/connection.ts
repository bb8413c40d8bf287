import { Redis, type RedisOptions } from 'ioredis';
import { messageOf } from '../../canonical/errors.ts';
import type { OpenConnection } from './openConnection.ts';

/** Redis answers within a millisecond; one that needs this long is frozen or out of reach. Milliseconds. */
const answerTimeoutMs = 2000;

/** Milliseconds. */
const longestReconnectMs = 2000;

const options = {
  connectionName: 'ccr',
  connectTimeout: answerTimeoutMs,
  commandTimeout: answerTimeoutMs,
  // What is not sent now is merged with what comes later (outbox.ts), so nothing waits inside the client.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), longestReconnectMs),
} satisfies RedisOptions;

/** Connects to a Redis or Valkey server: one connection for commands, and one that listens, as their protocol requires. */
export function connectTo(url: string): OpenConnection {
  return ({ channel, ready, lost, message }) => {
    const commands = new Redis(url, options);
    const listener = new Redis(url, options);
    const both = [commands, listener];
    let isClosed = false;
    const failed = (thrown: unknown): void => {
      if (!isClosed) lost(withoutUrl(messageOf(thrown)));
    };
    const opened = (): void => {
      if (both.some(({ status }) => status !== 'ready')) return;
      listener.subscribe(channel).then(() => {
        if (!isClosed) ready();
      }, failed);
    };
    for (const each of both) {
      each.on('ready', opened);
      each.on('error', failed);
      each.on('close', () => failed('the connection was closed'));
    }
    listener.on('message', (_: string, text: string) => message(text));
    return {
      command: ([name = '', ...parameters]) => commands.call(name, parameters),
      async transaction(lines) {
        const replies =
          (await commands.multi(lines.map(([name = '', ...rest]) => ['call', name, ...rest])).exec()) ?? [];
        return replies.map(([error, reply]) => {
          if (error) throw error;
          return reply;
        });
      },
      reconnect: () => both.filter(({ status }) => status === 'ready').forEach((each) => each.disconnect(true)),
      close() {
        isClosed = true;
        both.forEach((each) => each.disconnect());
      },
    };
  };
}

/** The URL may have a password. */
function withoutUrl(message: string): string {
  return message.replaceAll(/\b(rediss?|valkeys?):\/\/\S+/gi, '$1://...');
}
