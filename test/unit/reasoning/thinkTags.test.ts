import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import { thinkTags, type ThinkTagOptions } from '../../../src/reasoning/thinkTags.ts';
import { cutEverywhere } from '../../support/cutText.ts';

type Said = { reasoning: string; text: string };

const text = (value: string, key = 'text'): Delta => ({ type: 'text-delta', key, text: value });
const native = (value: string, key = 'reasoning'): Delta => ({ type: 'reasoning-delta', key, text: value });
const call: Delta = { type: 'tool-delta', key: 'call', id: 'call_1', name: 'ls', text: '{}' };
const finish: Delta = { type: 'finish', reason: 'stop', raw: 'stop' };

function run(deltas: Delta[], options?: ThinkTagOptions): Delta[] {
  return runStage(thinkTags(options), [...deltas, finish, { type: 'done' }]);
}

function said(deltas: Delta[], options?: ThinkTagOptions): Said {
  const all: Said = { reasoning: '', text: '' };
  for (const delta of run(deltas, options)) {
    if (delta.type === 'text-delta') all.text += delta.text;
    if (delta.type === 'reasoning-delta') all.reasoning += delta.text;
  }
  return all;
}

function cuts(value: string): Delta[][] {
  return cutEverywhere(value).map((pieces) => pieces.map((piece) => text(piece)));
}

describe('a block at the start', () => {
  test.each<[string, string, Said]>([
    ['think', '<think>why</think>so', { reasoning: 'why', text: 'so' }],
    ['thinking', '<thinking>why</thinking>so', { reasoning: 'why', text: 'so' }],
    ['Gemini', '<thought>why</thought>so', { reasoning: 'why', text: 'so' }],
    ['Kimi', '◁think▷why◁/think▷so', { reasoning: 'why', text: 'so' }],
    ['Gemini', '<thought>why</thought>so', { reasoning: 'why', text: 'so' }],
    ['Seed', '<seed:think>why</seed:think>so', { reasoning: 'why', text: 'so' }],
    ['Magistral', '[THINK]why[/THINK]so', { reasoning: 'why', text: 'so' }],
    ['white space around', ' \n<think>\nwhy\n</think>\n\n so', { reasoning: 'why', text: 'so' }],
    ['spaces of the reasoning itself stay', '<think> a\n\n\tb. </think>so', { reasoning: ' a\n\n\tb. ', text: 'so' }],
    ['twice', '<think>a</think>\n<think>b</think>so', { reasoning: 'ab', text: 'so' }],
    ['line ends of the reasoning itself', '<think>a\n</think>so', { reasoning: 'a\n', text: 'so' }],
    ['and those of tags on lines of their own', '<think>\n\na\n\n</think>so', { reasoning: '\na\n', text: 'so' }],
    ['empty', '<think>\n\n</think>\n\nso', { reasoning: '', text: 'so' }],
    ['a foreign closing tag inside', '<think>a</thinking>b</think>so', { reasoning: 'a</thinking>b', text: 'so' }],
    ['almost closed', '<think>a</thin b</think>so', { reasoning: 'a</thin b', text: 'so' }],
    ['never closed', '<think>a\nb', { reasoning: 'a\nb', text: '' }],
    ['cut in its closing tag', '<think>a</thi', { reasoning: 'a</thi', text: '' }],
    ['a stray closing tag', '\n</think>\n\nso', { reasoning: '', text: 'so' }],
  ])('%s', (_name, input, expected) => {
    for (const deltas of cuts(input)) expect(said(deltas)).toEqual(expected);
  });

  test.each([
    'so',
    ' \n so',
    'a < b',
    '<thin',
    '<thinker>a</thinker>',
    '[1] is a source, [THINK] is a word',
    '<reasoning>what a prompt asks for</reasoning>',
    'Use `<think>why</think>` like this.\n```\n<think>\n</think>\n```',
    'so</think>',
    '\n<',
    ' \n',
    `${'\n'.repeat(1100)}so`,
  ])('text without one stays as it is: %j', (input) => {
    for (const deltas of cuts(input)) expect(said(deltas)).toEqual({ reasoning: '', text: input });
  });

  test('holds back only possible tags', () => {
    const out: Delta[] = [];
    const stage = thinkTags()((delta) => out.push(delta));
    const texts = (): string[] => out.flatMap((delta) => ('text' in delta ? [`${delta.type}: ${delta.text}`] : []));
    stage.push(text('<th'));
    expect(texts()).toEqual([]);
    stage.push(text('ink>first'));
    expect(texts()).toEqual(['reasoning-delta: first']);
    stage.push(text(' second</'));
    expect(texts()).toEqual(['reasoning-delta: first', 'reasoning-delta:  second']);
    stage.push(text('think>\n'));
    stage.push(text('answer <'));
    expect(texts()).toEqual(['reasoning-delta: first', 'reasoning-delta:  second', 'text-delta: answer <']);
  });

  test('ends before the answer begins, and keeps the phase', () => {
    expect(run([{ type: 'text-delta', key: 'text', text: '<think>a</think>b', phase: 'final_answer' }])).toEqual([
      { type: 'reasoning-delta', key: 'text:thinking', text: 'a' },
      { type: 'block-end', key: 'text:thinking' },
      { type: 'text-delta', key: 'text', text: 'b', phase: 'final_answer' },
      finish,
      { type: 'done' },
    ]);
  });
});

describe('white space at the start', () => {
  function streamed(deltas: Delta[], options?: ThinkTagOptions): Delta[] {
    const out: Delta[] = [];
    const stage = thinkTags(options)((delta) => out.push(delta));
    for (const delta of deltas) stage.push(delta);
    return out;
  }

  test('is held back for a tag after it, up to 1000 characters', () => {
    expect(streamed([text(' '.repeat(600)), text(' '.repeat(400))])).toEqual([]);
    expect(said([text(' '.repeat(1000)), text('<think>a</think>b')])).toEqual({ reasoning: 'a', text: 'b' });
  });

  test('of a model that sends nothing else is passed on beyond that', () => {
    const pieces = [text(' '.repeat(600)), text(' '.repeat(401)), text(' ')];
    const expected = [text(' '.repeat(1001)), text(' ')];
    expect(streamed(pieces)).toEqual(expected);
    expect(streamed(pieces, { impliedOpener: true })).toEqual(expected);
  });
});

describe('tool calls', () => {
  test('a new block may begin after a call', () => {
    const after = [text('<think>a</think>b'), call, text('<think>c</think>d')];
    expect(said(after)).toEqual({ reasoning: 'ac', text: 'bd' });
    expect(said([text('b'), call, text('<think>c</think>d')])).toEqual({ reasoning: 'c', text: 'bd' });
  });

  test('and in a new text block', () => {
    expect(said([text('b', 'text-1'), text('<think>c</think>d', 'text-2')])).toEqual({ reasoning: 'c', text: 'bd' });
  });

  test('held text is emitted before the call', () => {
    expect(run([text('<thi'), call]).map(({ type }) => type)).toEqual(['text-delta', 'tool-delta', 'finish', 'done']);
  });

  test('unclosed thinking may continue alongside a call', () => {
    expect(said([text('<think>a'), call, text('b</think>c')])).toEqual({ reasoning: 'ab', text: 'c' });
  });

  test('a block that ends takes what is held with it', () => {
    const end: Delta = { type: 'block-end', key: 'text' };
    expect(run([text('<think>a</'), end, text('<think>b</think>c')])).toEqual([
      { type: 'reasoning-delta', key: 'text:thinking', text: 'a' },
      { type: 'reasoning-delta', key: 'text:thinking', text: '</' },
      { type: 'block-end', key: 'text:thinking' },
      end,
      { type: 'reasoning-delta', key: 'text:thinking', text: 'b' },
      { type: 'block-end', key: 'text:thinking' },
      text('c'),
      finish,
      { type: 'done' },
    ]);
  });
});

describe('reasoning that came natively too', () => {
  const mirrored = 'The user asks.';

  test('natively first, in one piece or in many', () => {
    expect(said([native(mirrored), text(`<think>\n${mirrored}\n</think>\n\nso`)])).toEqual({
      reasoning: mirrored,
      text: 'so',
    });
    const both = [...mirrored].flatMap((character) => [native(character), text(character)]);
    expect(said([text('<think>\n'), ...both, text('\n</think>so')])).toEqual({ reasoning: mirrored, text: 'so' });
  });

  test('in tags first, and the other one some characters late', () => {
    const late = [
      text('<think>The '),
      native('Th'),
      text('user'),
      native('e user asks'),
      text(' asks.'),
      native('.'),
      text('</think>so'),
    ];
    expect(said(late)).toEqual({ reasoning: mirrored, text: 'so' });
    expect(new Set(run(late).flatMap((delta) => (delta.type === 'reasoning-delta' ? [delta.key] : [])))).toEqual(
      new Set(['text:thinking']),
    );
  });

  test('different reasoning is kept whole', () => {
    expect(said([native('The plan.'), text('<think>The user asks.</think>so')])).toEqual({
      reasoning: 'The plan.The user asks.',
      text: 'so',
    });
    const pieces = [...'<think>The user asks.</think>so'].map((character) => text(character));
    expect(said([native('The plan.'), ...pieces])).toEqual({ reasoning: 'The plan.The user asks.', text: 'so' });
  });

  test('line ends before it make no difference', () => {
    expect(said([native('\nThe user'), text('<think>The user</think>so')])).toEqual({
      reasoning: '\nThe user',
      text: 'so',
    });
  });

  test('where they part after one has overtaken the other, nothing is said twice', () => {
    expect(said([native('ab'), text('<think>ab'), text(' c'), native('z')])).toEqual({ reasoning: 'ab cz', text: '' });
  });

  test('the same thought after a call is another one', () => {
    expect(said([native('ab'), call, text('<think>ab</think>c')])).toEqual({ reasoning: 'abab', text: 'c' });
  });

  test('what goes beyond an ended block makes its own', () => {
    const end: Delta = { type: 'block-end', key: 'reasoning' };
    const reasoned = run([native('ab'), end, text('<think>ab c</think>')]).filter(
      ({ type }) => type === 'reasoning-delta',
    );
    expect(reasoned).toEqual([native('ab'), native(' c', 'text:thinking')]);
  });

  test('a proof stays with its block', () => {
    const end: Delta = { type: 'block-end', key: 'reasoning', proof: { type: 'signature', signature: 's' } };
    expect(run([native('a'), end, text('so')])).toEqual([native('a'), end, text('so'), finish, { type: 'done' }]);
  });

  test('a proof without text keeps its block', () => {
    const end: Delta = { type: 'block-end', key: 'reasoning', proof: { type: 'details', details: [{ data: 'x' }] } };
    expect(run([native(''), end, text('so')])).toEqual([native(''), end, text('so'), finish, { type: 'done' }]);
  });

  test('reasoning blocks of the reader stay apart', () => {
    const [leaked, next] = [native('a</think>', 'one'), native('b', 'two')];
    expect(run([leaked, next]).slice(0, 2)).toEqual([native('a', 'one'), next]);
    expect(run([native('a', 'one'), native('b', 'two')]).slice(0, 2)).toEqual([native('a', 'one'), native('b', 'two')]);
  });
});

describe('a closing tag at the end of native reasoning', () => {
  test.each([
    ['is dropped', ['manner.\n</thi', 'nk>'], 'manner.'],
    ['is dropped with what stands around it', ['manner.', '\n\n</think>\n'], 'manner.'],
    ['stays when reasoning goes on', ['a </think>', ' b'], 'a </think> b'],
    ['stays when it is not whole', ['a </thin'], 'a </thin'],
    ['line ends stay', ['a\n', '\n'], 'a\n\n'],
  ])('%s', (_name, pieces, reasoning) => {
    const deltas = pieces.flatMap((piece) => [native(piece), text('')]);
    expect(said([...deltas, text('so')])).toEqual({ reasoning, text: 'so' });
  });
});

describe('an implied opening tag', () => {
  const implied = { impliedOpener: true };

  test.each<[string, string, Said]>([
    ['thinking first', ' why\n</think>\n\nso', { reasoning: ' why\n', text: 'so' }],
    ['an opening tag all the same', '<think>why</think>so', { reasoning: 'why', text: 'so' }],
    ['another pair’s closing tag', 'why</seed:think>so', { reasoning: 'why', text: 'so' }],
    ['no closing tag: it was the answer', ' so\nbe it\n', { reasoning: ' so\nbe it\n', text: ' so\nbe it\n' }],
    ['JSON', '{"title":"a"}', { reasoning: '', text: '{"title":"a"}' }],
    [
      'a quoted closing tag is no end',
      'not `</think>`,\n```\n</think>\n```\nbut\n</think>so',
      { reasoning: 'not `</think>`,\n```\n</think>\n```\nbut\n', text: 'so' },
    ],
    ['only quoted closing tags', 'Use `</think>`.', { reasoning: 'Use `</think>`.', text: 'Use `</think>`.' }],
    ['a later closing tag is text', 'why</think>use </think>', { reasoning: 'why', text: 'use </think>' }],
    [
      'an opening tag behind a line: that was the answer',
      'One.\n\n<think>why</think>so',
      { reasoning: 'One.\n\nwhy', text: 'One.\n\nso' },
    ],
    [
      'an opening tag that is named',
      'the tag <think> starts it</think>so',
      { reasoning: 'the tag <think> starts it', text: 'so' },
    ],
  ])('%s', (_name, input, expected) => {
    for (const deltas of cuts(input)) expect(said(deltas, implied)).toEqual(expected);
  });

  test('reasoning streams', () => {
    const out: Delta[] = [];
    const stage = thinkTags(implied)((delta) => out.push(delta));
    stage.push(text('why'));
    expect(out).toEqual([{ type: 'reasoning-delta', key: 'text:thinking', text: 'why' }]);
  });

  test('native reasoning means that nothing was left out', () => {
    expect(said([native('why'), text('so')], implied)).toEqual({ reasoning: 'why', text: 'so' });
    expect(said([native('why'), text('</think>so')], implied)).toEqual({ reasoning: 'why', text: 'so' });
  });

  test('an interrupted answer is not sent a second time as text', () => {
    const error: Delta = { type: 'error', error: new GatewayError('overloaded', 'Busy.') };
    const out = runStage(thinkTags(implied), [text('I think </'), error]);
    expect(out).toEqual([
      { type: 'reasoning-delta', key: 'text:thinking', text: 'I think ' },
      { type: 'reasoning-delta', key: 'text:thinking', text: '</' },
      { type: 'block-end', key: 'text:thinking' },
      error,
    ]);
  });

  test('words before a call without a closing tag were text', () => {
    expect(run([text('I look.'), call], implied)).toEqual([
      { type: 'reasoning-delta', key: 'text:thinking', text: 'I look.' },
      { type: 'block-end', key: 'text:thinking' },
      text('I look.'),
      call,
      finish,
      { type: 'done' },
    ]);
  });
});

test('an error flushes what is held', () => {
  const types = runStage(thinkTags(), [text('<'), { type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } }]).map(
    ({ type }) => type,
  );
  expect(types).toEqual(['usage', 'text-delta']);
});
