import { expect, test } from 'vitest';
import type { Delta } from '../../../src/canonical/events.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import { learnOpener } from '../../../src/reasoning/openerMemory.ts';
import { cutEverywhere } from '../../support/cutText.ts';

const text = (value: string): Delta => ({ type: 'text-delta', key: 'text', text: value });
const native: Delta = { type: 'reasoning-delta', key: 'reasoning', text: 'why' };

/** What was learnt from the deltas, which must pass unchanged. */
function learnt(
  deltas: Delta[],
  finish: Delta[] = [{ type: 'finish', reason: 'stop', raw: 'stop' }],
): boolean | undefined {
  let lesson: boolean | undefined;
  const stage = learnOpener({ isOmitted: () => false, learn: (isOmitted) => (lesson = isOmitted) });
  const all: Delta[] = [...deltas, ...finish, { type: 'done' }];
  expect(runStage(stage, all)).toEqual(all);
  return lesson;
}

function cuts(value: string): Delta[][] {
  return cutEverywhere(value).map((pieces) => pieces.map((piece) => text(piece)));
}

test.each<[string, string, boolean | undefined]>([
  ['a closing tag on its own line', 'why\n</think>\n\nso', true],
  ['a closing tag in a line', 'why.</think>so', true],
  ['another closing tag', 'why\n[/THINK]\nso', true],
  ['a closing tag behind one in quotes', 'not `</think>`\n</think>\nso', true],
  ['no tag', 'a < b', false],
  ['a pair', '<think>why</think>so', undefined],
  ['a quoted tag', 'Write `</think>` here.', undefined],
  ['a tag that a sentence names', 'The </think> tag ends it.', undefined],
  ['a tag in a code block', '```\n</think>\n```', undefined],
  ['a tag that may be named in a sentence', 'why **so**</think>The answer', undefined],
  ['two tags that a sentence names', 'Use </think>/</thinking> here.', undefined],
  ['a JSON answer', ' {"a": "</think>"}', undefined],
  ['nothing behind the tag', 'why\n</think>\n', undefined],
  ['a stray closing tag at the beginning', '\n</think>\n\nso', undefined],
  ['a stray closing tag before another', '</think>so\n</think>\nit is', undefined],
  ['endless white space behind the tag', `why</think>${' '.repeat(1100)}`, undefined],
])('%s', (_name, value, expected) => {
  for (const deltas of cuts(value)) expect(learnt(deltas)).toBe(expected);
});

test('an answer that was cut off does not tell that there is no thinking', () => {
  expect(learnt([text('why')], [{ type: 'finish', reason: 'length', raw: 'length' }])).toBeUndefined();
});

test('an answer without a finish reason tells too', () => {
  expect(learnt([text('so')], [])).toBe(false);
});

test('an answer with native reasoning tells nothing', () => {
  expect(learnt([native, text('why\n</think>\nso')])).toBeUndefined();
});
