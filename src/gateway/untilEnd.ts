import { GatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import type { Batch, ReplySource } from './replySource.ts';
import type { Watchdog } from './watchdog.ts';

/**
 * Reads a summary to its end before any of it counts: a client can do nothing with a part, so whatever goes wrong up to
 * the last word may be tried again elsewhere.
 * @throws GatewayError
 */
export async function untilEnd<Source extends ReplySource>(source: Source, watchdog: Watchdog): Promise<Source> {
  const deltas: Delta[] = [];
  let begun = false;
  for (let batch = await source.next(); batch; batch = await source.next()) {
    const error = batch.deltas.find((delta) => delta.type === 'error');
    if (error) throw error.error;
    for (const delta of batch.deltas) deltas.push(delta);
    // From the first word on silence counts, not the time that it takes.
    begun ||= batch.deltas.some(({ type }) => type !== 'start');
    if (begun) watchdog.alive();
  }
  watchdog.stop();
  if (!deltas.some(({ type }) => type === 'finish' || type === 'done'))
    throw new GatewayError('connection', 'The provider closed the stream before its summary was complete.');
  if (!deltas.some((delta) => delta.type === 'text-delta' && delta.text.trim() !== ''))
    throw new GatewayError('empty', 'The provider sent no summary of the conversation.');
  let whole: Batch | undefined = { deltas, frames: [] };
  return {
    ...source,
    async next() {
      const taken = whole;
      whole = undefined;
      return taken;
    },
  };
}
