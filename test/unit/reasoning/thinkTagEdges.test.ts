// What thinkTags does between the blocks of an answer, and what it must not send.
import { describe, expect, test } from 'vitest';
import type { Delta } from '../../../src/canonical/events.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import { thinkTags, type ThinkTagOptions } from '../../../src/reasoning/thinkTags.ts';

const text = (value: string, key = 'text'): Delta => ({ type: 'text-delta', key, text: value });
const native = (value: string, key = 'reasoning'): Delta => ({ type: 'reasoning-delta', key, text: value });
const call: Delta = { type: 'tool-delta', key: 'call', id: 'call_1', name: 'ls', text: '{}' };
const end = (key: string): Delta => ({ type: 'block-end', key });
const implied = { impliedOpener: true };

function run(deltas: Delta[], options?: ThinkTagOptions): Delta[] {
  return runStage(thinkTags(options), [...deltas, { type: 'finish', reason: 'stop', raw: 'stop' }, { type: 'done' }]);
}

function said(deltas: Delta[], options?: ThinkTagOptions): [reasoning: string, text: string] {
  const out = run(deltas, options);
  const of = (type: Delta['type']): string =>
    out.map((each) => (each.type === type && 'text' in each ? each.text : '')).join('');
  return [of('reasoning-delta'), of('text-delta')];
}

const keysOf = (deltas: Delta[]): string[] =>
  deltas.flatMap((each) => (each.type === 'reasoning-delta' ? [each.key] : []));

describe('nothing empty is sent', () => {
  test('of a text without characters', () => {
    expect(run([text('so'), text(''), text('', 'other')]).map(({ type }) => type)).toEqual([
      'text-delta',
      'finish',
      'done',
    ]);
  });

  test('of thinking that came already', () => {
    const out = run([native('The plan.'), text('<think>The plan.'), text('</think>so')]);
    expect(out.filter((each) => 'text' in each && each.text === '')).toEqual([]);
  });

  test('and no end of a block that was never opened', () => {
    const out = run([native('The plan.'), text('<think>The plan.</think>so'), end('text')]);
    expect(out.filter(({ type }) => type === 'block-end')).toEqual([end('text')]);
  });

  test('of white space that belongs to the tags', () => {
    expect(said([text('<think>a</think>\n')])).toEqual(['a', '']);
    expect(said([text('<think>\na\n')])).toEqual(['a', '']);
  });
});

describe('between blocks', () => {
  test('what may be a tag belongs to the text before the next one', () => {
    expect(run([text('<thi', 'one'), text('so', 'two')]).slice(0, 2)).toEqual([text('<thi', 'one'), text('so', 'two')]);
  });

  test('the end of another block does not end the text', () => {
    expect(said([text('<thi'), end('reasoning'), text('nk>a</think>b')])).toEqual(['a', 'b']);
  });

  test('white space at the start of the next text stays', () => {
    expect(said([text('<think>a</think>b', 'one'), text(' c', 'two')])).toEqual(['a', 'b c']);
  });

  test('native reasoning goes on in the block of the tags that it repeats', () => {
    const deltas = [text('<think>The '), native('The user'), native(' asks'), text('user asks.</think>so')];
    expect(said(deltas)).toEqual(['The user asks.', 'so']);
    expect(new Set(keysOf(run(deltas)))).toEqual(new Set(['text:thinking']));
  });
});

describe('reasoning from both sides', () => {
  test('opens a block of its own after the one of the tags has ended', () => {
    const deltas = [text('<think>The user'), native('The user'), text('</think>so'), native(' asks')];
    expect(keysOf(run(deltas))).toEqual(['text:thinking', 'reasoning']);
  });

  test('stays in its block when another one ends', () => {
    const deltas = [native('The '), end('other'), text('<think>The user'), native('user asks')];
    expect(new Set(keysOf(run(deltas)))).toEqual(new Set(['reasoning']));
  });
});

describe('an opening tag that may be missing', () => {
  test.each<[string, Delta[], [string, string]]>([
    ['is not missing after a call', [call, text('a</think>b')], ['', 'a</think>b']],
    ['is not missing in a second text', [text('{}', 'one'), text('a</think>b', 'two')], ['', '{}a</think>b']],
    ['is not missing after a closing tag', [text('</think>a</think>b')], ['', 'a</think>b']],
    ['is missing before a quoted tag', [text('`</think>` is one</think>so')], ['`</think>` is one', 'so']],
  ])('%s', (_, deltas, expected) => {
    expect(said(deltas, implied)).toEqual(expected);
  });

  test('is there, so that quotation marks do not matter', () => {
    expect(said([text('<think>Use `</think>so')])).toEqual(['Use `', 'so']);
  });
});
