import { Redis } from 'ioredis';
import { writeBatch } from './scripts.ts';

/** Milliseconds. */
const timeoutMs = 5000;

/**
 * Deletes all keys of a prefix, and has running gateways read again. What these share besides statistics, such as cooldowns, stays
 * while one runs.
 * @returns the number of deleted keys
 * @throws what the client throws
 */
export async function clearRedis(url: string, prefix: string): Promise<number> {
  const client = new Redis(url, {
    connectionName: 'ccr-clear-stats',
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    lazyConnect: true,
  });
  // What goes wrong is thrown by the calls.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const channel = `${prefix}:live`;
    const [, listeners] = (await client.call('PUBSUB', 'NUMSUB', channel)) as [string, number];
    const isLive = Number(listeners) > 0;
    let count = 0;
    for await (const found of client.scanStream({ match: `${escaped(prefix)}*`, count: 256 })) {
      const keys = (found as string[]).filter(
        (key) => key === prefix || (key.startsWith(`${prefix}:`) && !(isLive && key.startsWith(`${channel}:`))),
      );
      if (keys.length > 0) count += await client.del(...keys);
    }
    if (isLive) {
      const batch = String(Date.now());
      const message = JSON.stringify({ from: 'clear-stats', batch, calls: [['link', 'read']] });
      await client.eval(
        writeBatch,
        2,
        `${channel}:batch:${batch}`,
        `${channel}:number`,
        '[]',
        message,
        channel,
        60_000,
      );
    }
    return count;
  } finally {
    client.disconnect();
  }
}

/** As SCAN takes it. */
function escaped(prefix: string): string {
  return prefix.replaceAll(/[\\*?[\]^-]/g, String.raw`\$&`);
}
