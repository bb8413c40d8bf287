import { throwError } from './replyErrors.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import type { Batch } from './batcher.ts';
import { createHoldLimit } from './holdLimit.ts';
import type { ReplySource } from './replySource.ts';
import type { Watchdog } from './watchdog.ts';

/**
 * Holds a summary back until it is complete. A client cannot use a partial one, so a failure anywhere in it can still fail
 * over to another target.
 * @throws GatewayError
 */
export async function holdSummary<Source extends ReplySource>(
  source: Source,
  watchdog: Watchdog,
  target: string,
): Promise<Source> {
  const checkHeld = createHoldLimit(target, 'and no end of its summary');
  const deltas: Delta[] = [];
  let started = false;
  for (let batch = await source.next(); batch; batch = await source.next()) {
    throwError(batch.deltas);
    checkHeld(batch);
    for (const delta of batch.deltas) deltas.push(delta);
    // After the first content only the idle limit applies, not the first-event limit.
    started ||= batch.deltas.some(({ type }) => type !== 'start');
    if (started) watchdog.reset();
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
