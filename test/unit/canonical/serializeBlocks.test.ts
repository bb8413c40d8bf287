import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectReply } from '../../../src/canonical/collectReply.ts';
import type { Reply, StreamEvent } from '../../../src/canonical/events.ts';
import { serializeBlocks } from '../../../src/canonical/serializeBlocks.ts';
import { runStage } from '../../../src/canonical/stage.ts';

const start = (index: number): StreamEvent => ({
  type: 'block-start',
  index,
  block: { type: 'tool-call', id: `c${index}`, kind: 'function', name: 'f' },
});
const delta = (index: number, text: string): StreamEvent => ({ type: 'block-delta', index, text });
const end = (index: number): StreamEvent => ({ type: 'block-end', index });
const finish: StreamEvent = { type: 'finish', reason: 'tool-calls', raw: '' };

const short = (events: StreamEvent[]): string[] =>
  events.map((event) => ('index' in event ? `${event.type.slice(6)} ${event.index}` : event.type));

describe('overlapping blocks', () => {
  it('are serialized while the first one streams', () => {
    const events = [
      start(0),
      delta(0, 'a'),
      start(1),
      delta(1, 'x'),
      delta(0, 'b'),
      end(1),
      delta(0, 'c'),
      end(0),
      finish,
    ];
    expect(short(runStage(serializeBlocks, events))).toEqual([
      'start 0', 'delta 0', 'delta 0', 'delta 0', 'end 0', 'start 1', 'delta 1', 'end 1', 'finish',
    ]); // prettier-ignore
  });

  it('let the next one stream as soon as the first has ended', () => {
    const out: StreamEvent[] = [];
    const stage = serializeBlocks((event) => out.push(event));
    for (const event of [start(0), start(1), delta(1, 'held'), end(0), delta(1, 'at once')]) stage.push(event);
    expect(short(out)).toEqual(['start 0', 'end 0', 'start 1', 'delta 1', 'delta 1']);
  });

  it('keep their proofs and their order however they end', () => {
    const proof = { type: 'signature' as const, signature: 's' };
    const events: StreamEvent[] = [start(0), start(1), start(2), { ...end(2), proof } as StreamEvent, end(1), end(0)];
    expect(runStage(serializeBlocks, events).at(-1)).toEqual({ type: 'block-end', index: 2, proof });
  });
});

it('does not change a stream without overlapping blocks', () => {
  const events: StreamEvent[] = [{ type: 'start' }, start(0), delta(0, 'a'), end(0), start(1), end(1), finish];
  expect(runStage(serializeBlocks, events)).toEqual(events);
});

/** Any well-formed stream: each step opens, extends or ends a block. */
const streams = fc
  .array(fc.tuple(fc.constantFrom('open', 'text', 'end'), fc.nat(3), fc.string({ maxLength: 3 })), { maxLength: 40 })
  .map((steps) => {
    const events: StreamEvent[] = [];
    const open: number[] = [];
    let count = 0;
    for (const [step, place, text] of steps) {
      const index = open[place % Math.max(1, open.length)];
      if (step === 'open') {
        open.push(count);
        events.push(start(count++));
      } else if (index !== undefined && step === 'text') events.push(delta(index, text));
      else if (index !== undefined) events.push(end(open.splice(open.indexOf(index), 1)[0] ?? 0));
    }
    return [...events, ...open.map(end), finish];
  });

it('keeps the content of any stream, one block at a time', () => {
  fc.assert(
    fc.property(streams, (events) => {
      const serial = runStage(serializeBlocks, events);
      let open: number | undefined;
      for (const event of serial) {
        if (event.type === 'block-start') expect(open).toBeUndefined();
        if (event.type === 'block-delta' || event.type === 'block-end') expect(event.index).toBe(open);
        if (event.type === 'block-start') open = event.index;
        if (event.type === 'block-end') open = undefined;
      }
      expect(collect(serial)).toEqual(collect(events));
    }),
  );
});

function collect(events: StreamEvent[]): Reply {
  const reply = collectReply();
  for (const event of events) reply.push(event);
  return reply.reply();
}
