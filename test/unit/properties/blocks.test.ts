import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectReply } from '../../../src/canonical/collectReply.ts';
import type { Block, Delta, StreamEvent } from '../../../src/canonical/events.ts';
import { serializeBlocks } from '../../../src/canonical/serializeBlocks.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import { thinkTags } from '../../../src/reasoning/thinkTags.ts';
import { frame } from './frame.ts';

const runs = { seed: 6, numRuns: 1000 };

const key = fc.constantFrom('a', 'b');
const text = fc.string({ maxLength: 4 });
const name = fc.option(fc.constantFrom('f', 'g'), { nil: undefined });
const id = fc.option(fc.constantFrom('', '1', '2'), { nil: undefined });
const kind = fc.option(fc.constantFrom('function', 'custom'), { nil: undefined });

const anyDelta: fc.Arbitrary<Delta> = fc.oneof(
  fc.record({ type: fc.constant('start' as const) }),
  fc.record({ type: fc.constantFrom('text-delta', 'reasoning-delta', 'refusal-delta'), key, text }),
  fc.record({ type: fc.constant('tool-delta' as const), key, id, name, kind, text }),
  fc.record({ type: fc.constant('block-end' as const), key }),
  fc.record({
    type: fc.constant('native' as const),
    key,
    dialect: fc.constant('openai-chat' as const),
    json: fc.constant({}),
  }),
  fc.record({ type: fc.constant('usage' as const), usage: fc.constant({ inputTokens: 1, outputTokens: 2 }) }),
  fc.record({
    type: fc.constant('finish' as const),
    reason: fc.constantFrom('stop', 'length', 'tool-calls', 'content-filter'),
    raw: text,
  }),
);

/** Any deltas in any order, then an end, or none. */
const anyDeltas = fc
  .tuple(fc.array(anyDelta, { maxLength: 30 }), fc.boolean())
  .map(([deltas, ends]): Delta[] => (ends ? [...deltas, { type: 'done' }] : deltas));

const prose = (block: Block): boolean =>
  block.type === 'text' || block.type === 'reasoning' || block.type === 'refusal';

/** The invariants that every writer relies on. */
function expectWellFormed(events: readonly StreamEvent[], whole: boolean): void {
  const open = new Map<number, Block>();
  const callIds: string[] = [];
  let next = 0;
  for (const [place, event] of events.entries()) {
    expect(event.type === 'start').toBe(place === 0);
    switch (event.type) {
      case 'start':
        break;
      case 'block-start':
        expect(event.index).toBe(next++);
        if (prose(event.block)) expect([...open.values()].some(prose)).toBe(false);
        if (event.block.type === 'tool-call') {
          expect(event.block.name).not.toBe('');
          callIds.push(event.block.id);
        }
        open.set(event.index, event.block);
        break;
      case 'block-delta':
        expect(open.has(event.index)).toBe(true);
        expect(event.text).not.toBe('');
        break;
      case 'logprobs':
        expect(open.has(event.index)).toBe(true);
        break;
      case 'block-end':
        expect(open.delete(event.index)).toBe(true);
        break;
      case 'finish':
        expect(place).toBe(events.length - 1);
        expect(open.size).toBe(0);
        expect(event.reason === 'tool-calls' && callIds.length === 0).toBe(false);
        expect(event.reason === 'stop' && callIds.length > 0).toBe(false);
        break;
      default:
        event satisfies never;
    }
  }
  expect(new Set(callIds).size).toBe(callIds.length);
  expect(callIds).not.toContain('');
  expect(events.at(-1)?.type === 'finish').toBe(whole);
}

const said = (deltas: readonly Delta[], type: Delta['type']): string =>
  deltas.map((delta) => (delta.type === type && 'text' in delta ? delta.text : '')).join('');

describe('frameBlocks', () => {
  it('keeps its invariants for any input', () => {
    fc.assert(
      fc.property(anyDeltas, (deltas) => {
        const { events, error } = frame(deltas);
        expectWellFormed(events, error === undefined);
      }),
      runs,
    );
  });

  it('loses no text', () => {
    fc.assert(
      fc.property(anyDeltas, (deltas) => {
        const collector = collectReply();
        const { events } = frame(deltas);
        for (const event of events) collector.push(event);
        const { blocks } = collector.reply();
        const written = (type: Block['type']): string =>
          blocks.map((block) => (block.type === type ? block.text : '')).join('');
        expect(written('text')).toBe(said(deltas, 'text-delta'));
        expect(written('reasoning')).toBe(said(deltas, 'reasoning-delta'));
        expect(written('refusal')).toBe(said(deltas, 'refusal-delta'));
      }),
      runs,
    );
  });
});

it('serializeBlocks has one block open at a time, and changes nothing else', () => {
  fc.assert(
    fc.property(anyDeltas, (deltas) => {
      const { events, error } = frame(deltas);
      if (error) return;
      const serial = runStage(serializeBlocks, events);
      expectWellFormed(serial, true);
      let open = 0;
      for (const { type } of serial) {
        if (type === 'block-start') open++;
        if (type === 'block-end') open--;
        expect(open).toBeLessThanOrEqual(1);
      }
      const byBlock = (list: readonly StreamEvent[]): StreamEvent[][] =>
        Array.from({ length: list.length }, (_each, index) =>
          list.filter((each) => 'index' in each && each.index === index),
        );
      expect(byBlock(serial)).toEqual(byBlock(events));
    }),
    runs,
  );
});

describe('thinkTags', () => {
  const piece = fc.constantFrom(
    '<think>',
    '</think>',
    '<thinking>',
    '</thinking>',
    '◁think▷',
    '◁/think▷',
    '\n',
    ' ',
    'a',
    '<',
    '{',
    '/',
  );
  const words = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  /** What a client sees: prose joined, in order. */
  function seen(deltas: readonly Delta[], impliedOpener: boolean): string[] {
    const out: string[] = [];
    let last = '';
    for (const delta of runStage(thinkTags({ impliedOpener }), [...deltas, { type: 'done' }])) {
      if (delta.type !== 'text-delta' && delta.type !== 'reasoning-delta') continue;
      if (delta.text === '') continue;
      if (last === delta.type) out[out.length - 1] += delta.text;
      else out.push(`${delta.type} ${delta.text}`);
      last = delta.type;
    }
    return out;
  }

  it('gives the same result however a text is cut', () => {
    fc.assert(
      fc.property(
        words,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        fc.boolean(),
        (whole, sizes, implied) => {
          const pieces: Delta[] = [];
          for (let start = 0, turn = 0; start < whole.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            pieces.push({ type: 'text-delta', key: 'text', text: whole.slice(start, start + size) });
            start += size;
          }
          expect(seen(pieces, implied)).toEqual(seen([{ type: 'text-delta', key: 'text', text: whole }], implied));
        },
      ),
      runs,
    );
  });

  it('loses nothing but tags, line ends and spaces beside them', () => {
    const bare = (value: string): string => value.replaceAll(/<\/?think(ing)?>|◁\/?think▷|\s/g, '');
    fc.assert(
      fc.property(words, (whole) => {
        const out = seen([{ type: 'text-delta', key: 'text', text: whole }], false).map((each) =>
          each.slice(each.indexOf(' ') + 1),
        );
        expect(bare(out.join(''))).toBe(bare(whole));
      }),
      runs,
    );
  });
});
