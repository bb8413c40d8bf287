import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { chain, runStage } from '../../../src/canonical/stage.ts';
import { tagPairs } from '../../../src/reasoning/tags.ts';
import { thinkTags } from '../../../src/reasoning/thinkTags.ts';
import { longestThought, takeThoughts } from '../../../src/reasoning/thoughtPairs.ts';
import { cutEverywhere, cutText } from '../../support/cutText.ts';
import { codeSamples, talk } from './talkOfTags.ts';

type Said = { reasoning: string; text: string };

const text = (value: string, key = 'text'): Delta => ({ type: 'text-delta', key, text: value });
const native = (value: string): Delta => ({ type: 'reasoning-delta', key: 'reasoning', text: value });
const call: Delta = { type: 'tool-delta', key: 'call', id: 'call_1', name: 'ls', text: '{}' };
const end: Delta[] = [{ type: 'finish', reason: 'stop', raw: 'stop' }, { type: 'done' }];

function said(deltas: readonly Delta[]): Said {
  const all: Said = { reasoning: '', text: '' };
  for (const delta of deltas) {
    if (delta.type === 'text-delta') all.text += delta.text;
    if (delta.type === 'reasoning-delta') all.reasoning += delta.text;
  }
  return all;
}

function read(pieces: readonly string[], stage = takeThoughts): Said {
  return said(runStage(stage, [...pieces.map((piece) => text(piece)), ...end]));
}

/** What is read of `whole`, the same wherever it is cut. */
function readCut(whole: string): Said {
  const expected = read([whole]);
  for (const pieces of cutEverywhere(whole)) expect(read(pieces), JSON.stringify(pieces)).toEqual(expected);
  return expected;
}

describe('a thought in the middle of a text', () => {
  it.each<[string, string, Said]>([
    ['behind a paragraph', 'One.\n\n<think>\nWhy\nso?\n</think>\n\nTwo.', { reasoning: 'Why\nso?', text: 'One.\n\nTwo.' }],
    ['behind a line', 'One.\n<think>a\nb</think>\nTwo.', { reasoning: 'a\nb', text: 'One.\nTwo.' }],
    ['directly behind a sentence', 'I look.<think>\nHm\n\nwhy\n</think>\n\nTwo.', { reasoning: 'Hm\n\nwhy', text: 'I look.\n\nTwo.' }],
    ['at the end', 'One.\n\n<think>\nIs it done? Yes.\n</think>', { reasoning: 'Is it done? Yes.', text: 'One.\n\n' }],
    ['and white space behind it', 'One.\n\n<think>I am done.</think>\n\n', { reasoning: 'I am done.', text: 'One.\n\n' }],
    ['in one line', 'One.\n\n<think>I go on.</think>Two.', { reasoning: 'I go on.', text: 'One.\n\nTwo.' }],
    ['paragraphs stay apart', 'One.\n<think>I go on.</think>\n\nTwo.', { reasoning: 'I go on.', text: 'One.\n\nTwo.' }],
    ['indentation stays', 'One.\n\n<think>I go on.</think>\n\n    x = 1', { reasoning: 'I go on.', text: 'One.\n\n    x = 1' }],
    ['an empty one', 'One.\n\n<think>\n\n</think>\n\nTwo.', { reasoning: '', text: 'One.\n\nTwo.' }],
    ['several', 'A.\n\n<think>Is it?</think>\n\nB.\n\n<think>It is.</think>\n\nC.', { reasoning: 'Is it?It is.', text: 'A.\n\nB.\n\nC.' }],
    ['one directly behind another', 'A.\n\n<think>Is it?</think>\n<think>It is.</think>\n\nB.', { reasoning: 'Is it?It is.', text: 'A.\n\nB.' }],
    ['quoted tags inside', 'A.\n\n<think>\nNot `</think>`, but\n```\n</think>\n```\n</think>\n\nB.', { reasoning: 'Not `</think>`, but\n```\n</think>\n```', text: 'A.\n\nB.' }],
    ['behind code', 'A.\n```js\nx\n```\n<think>\nIt runs.\n</think>\nB.', { reasoning: 'It runs.', text: 'A.\n```js\nx\n```\nB.' }],
    ['before a call that the server left', 'A.\n\n<think>I call it.</think>\n<tool_call>\n{}', { reasoning: 'I call it.', text: 'A.\n\n<tool_call>\n{}' }],
    ['Chinese', '先看文件。\n\n<think>\n用户想要什么？\n</think>\n\n好了。', { reasoning: '用户想要什么？', text: '先看文件。\n\n好了。' }],
    ['at the beginning', '<think>why</think>\n\nOne.', { reasoning: 'why', text: 'One.' }],
  ])('%s', (_name, whole, expected) => {
    expect(readCut(whole)).toEqual(expected);
  }); // prettier-ignore

  it.each(tagPairs)('in $open, wherever it is cut', ({ open, close }) => {
    expect(readCut(`Ä 漢.\n\n${open}\nIs 1 < 2?\n${close}\n\nIt is.`)).toEqual({
      reasoning: 'Is 1 < 2?',
      text: 'Ä 漢.\n\nIt is.',
    });
  });

  it('is a block of its own between those of the text', () => {
    expect(runStage(takeThoughts, [text('One.\n\n<think>Is it?</think>\n\nTwo.'), ...end])).toEqual([
      text('One.\n\n'),
      { type: 'reasoning-delta', key: 'text:thought', text: 'Is it?' },
      { type: 'block-end', key: 'text:thought' },
      text('Two.'),
      ...end,
    ]);
  });

  it('is read too where thinking came at the beginning', () => {
    const stage = chain(thinkTags(), takeThoughts);
    for (const pieces of cutEverywhere('<think>a</think>\n\nOne.\n\n<think>Is it?</think>\n\nTwo.'))
      expect(read(pieces, stage)).toEqual({ reasoning: 'aIs it?', text: 'One.\n\nTwo.' });
  });

  it('may begin a text after a call, and one of another block', () => {
    const deltas = [text('See `<think>`.'), call, text('<think>b</think>c'), text('<think>d</think>e', 'other')];
    expect(said(runStage(takeThoughts, deltas))).toEqual({ reasoning: 'bd', text: 'See `<think>`.ce' });
  });

  it('is dropped where it arrived in its own field, or begins to', () => {
    const thought = 'One.\n\n<think>I look at it.</think>\n\nTwo.';
    expect(said(runStage(takeThoughts, [native('Hm. I look at it.'), text(thought)]))).toEqual({
      reasoning: 'Hm. I look at it.',
      text: 'One.\n\nTwo.',
    });
    const late = [text('One.\n\n<think>I look'), native('I look at'), text(' at it.</think>'), native(' it.'), text('\n\nTwo.')];
    expect(said(runStage(takeThoughts, late))).toEqual({ reasoning: 'I look at it.', text: 'One.\n\nTwo.' });
  }); // prettier-ignore
});

describe('text without thoughts', () => {
  it.each(talk)('stays as it came: %j', (whole) => {
    expect(readCut(whole)).toEqual({ reasoning: '', text: whole });
  });

  it('stays as it came after a mention of tags, whatever it is put together from', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom(...talk, ...tagPairs.flatMap(({ open, close }) => [open, close, `${open}a\nb${close}`]), '`', '```\n', '\n\n')); // prettier-ignore
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(fc.nat(20), { maxLength: 10 }), (parts, cuts) => {
        const whole = `Write \`<think>\` here. ${parts.join('')}`;
        expect(read(cutText(whole, cuts))).toEqual({ reasoning: '', text: whole });
      }),
      { numRuns: 300 },
    );
  });

  it('loses nothing, whatever it is put together from', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom(...talk, ...codeSamples, '<think>', '</think>', 'Why.', '`', '.\n\n', '\n')); // prettier-ignore
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(20), { maxLength: 12 }), (parts, cuts) => {
        const whole = parts.join('');
        const result = read(cutText(whole, cuts));
        expect(result).toEqual(read([whole]));
        // What is missing is tags and the white space around them.
        const rest = whole.replaceAll(/<\/?think>|\s/g, '');
        expect((result.text + result.reasoning).replaceAll(/<\/?think>|\s/g, '')).toHaveLength(rest.length);
        if (result.reasoning === '' && !/<think>\s*<\/think>/.test(whole)) expect(result.text).toBe(whole);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is held back', () => {
  function start() {
    const out: Delta[] = [];
    const stage = takeThoughts((delta) => out.push(delta));
    return { push: (value: string) => stage.push(text(value)), end: () => stage.end(), shown: () => said(out), stage };
  }

  it('is only a pair in the place of a thought', () => {
    const { push, shown } = start();
    for (const piece of ['One <think>', ' is', ' <think', 'x>', ' shown <']) push(piece);
    expect(shown().text).toBe('One <think> is <thinkx> shown <');
    const other = start();
    for (const piece of ['One.', '\n\n', '<thi']) other.push(piece);
    expect(other.shown().text).toBe('One.\n\n');
    other.push('s is it');
    expect(other.shown().text).toBe('One.\n\n<this is it');
  });

  it('is a pair that never ends, up to a limit', () => {
    const { push, shown } = start();
    push('One.\n\n<think>\n');
    const line = 'It goes on and on.\n';
    let sent = '';
    for (; sent.length <= longestThought - line.length; sent += line) push(line);
    expect(shown().text).toBe('One.\n\n');
    push(line);
    push(line);
    expect(shown().text.length).toBeGreaterThan(longestThought);
    push('</think>\n\nTwo.');
    expect(shown()).toEqual({ reasoning: '', text: `One.\n\n<think>\n${sent}${line}${line}</think>\n\nTwo.` });
  });

  it.each(['One.\n\n<think>\nWhy', 'One.\n\n<think>\nWhy\n</thi', 'One.\n\n<thi', 'One.\n\n<think>Why'])(
    'passes as it came when the text ends or breaks off: %j',
    (whole) => {
      expect(readCut(whole)).toEqual({ reasoning: '', text: whole });
      const error: Delta = { type: 'error', error: new GatewayError('overloaded', 'Busy.') };
      const out = runStage(takeThoughts, [text(whole), error]);
      expect(said(out)).toEqual({ reasoning: '', text: whole });
      expect(out.at(-1)).toBe(error);
      expect(said(runStage(takeThoughts, [text(whole), call])).text).toBe(whole);
      expect(said(runStage(takeThoughts, [text(whole), { type: 'block-end', key: 'text' }])).text).toBe(whole);
    },
  );
});
