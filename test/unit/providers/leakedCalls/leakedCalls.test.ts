import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../../src/canonical/events.ts';
import type { FunctionTool } from '../../../../src/canonical/request.ts';
import { chain, runStage } from '../../../../src/canonical/stage.ts';
import { readHarmony } from '../../../../src/providers/leakedCalls/harmony.ts';
import { rescueCalls } from '../../../../src/providers/leakedCalls/rescueCalls.ts';
import { cutText } from '../../../support/cutText.ts';
import { input, json, m3, markups } from '../../../support/leakedMarkups.ts';

const tools: FunctionTool[] = [
  {
    kind: 'function',
    name: 'Bash',
    parameters: {
      type: 'object',
      properties: { command: { type: 'string' }, timeout: { type: 'integer' }, args: { type: 'array' } },
    },
  },
];

type Read = { text: string; reasoning: string; calls: [name: string | undefined, input: unknown][]; finish: string[] };

function read(deltas: readonly Delta[]): Read {
  const stage = chain(
    readHarmony(tools, () => undefined),
    rescueCalls(tools, () => undefined),
  );
  const out = runStage(stage, [...deltas, { type: 'finish', reason: 'stop', raw: 'stop' }, { type: 'done' }]);
  const result: Read = { text: '', reasoning: '', calls: [], finish: [] };
  for (const delta of out) {
    if (delta.type === 'text-delta') result.text += delta.text;
    if (delta.type === 'reasoning-delta') result.reasoning += delta.text;
    if (delta.type === 'tool-delta') result.calls.push([delta.name, JSON.parse(delta.text)]);
    if (delta.type === 'finish') result.finish.push(delta.reason);
  }
  return result;
}

function texts(pieces: readonly string[]): Delta[] {
  return pieces.map((text) => ({ type: 'text-delta', key: 'text', text }));
}

describe.each(Object.entries(markups))('%s in the text', (_, markup) => {
  it('is a call, wherever the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 12 }), (cuts) => {
        const result = read(texts(pieces(`Let me look.\n\n${markup}`, cuts)));
        expect(result.calls).toEqual([['Bash', input]]);
        expect(result.text).toBe('Let me look.\n\n');
        expect(result.reasoning).toBe('');
      }),
      { numRuns: 60 },
    );
    expect(read(texts([...markup])).calls).toEqual([['Bash', input]]);
  });

  it('stays text, as it came, for a tool that was not declared', () => {
    const other = markup.replaceAll('Bash', 'Shell');
    expect(read(texts(pieces(`Look: ${other}`, [3, 9, 20])))).toMatchObject({ text: `Look: ${other}`, calls: [] });
  });

  it('stays text when it is quoted as code', () => {
    const quoted = `It writes:\n\`\`\`\n${markup}\n\`\`\`\nDone.`;
    expect(read(texts(pieces(quoted, [5, 18, 25])))).toMatchObject({ text: quoted, calls: [] });
  });

  it('loses no text when it is cut off', () => {
    for (let end = 1; end < markup.length - 1; end += 7) {
      const { text, calls } = read(texts([markup.slice(0, end)]));
      if (calls.length === 0) expect(text).toBe(markup.slice(0, end));
      else expect(calls).toEqual([['Bash', input]]);
    }
  });
});

describe('several calls in the text', () => {
  it('are all calls, and the white space between them is dropped', () => {
    const { text, calls } = read(texts([`One.\n${markups['Hermes']}\n${markups['Qwen XML']}\n`, 'Two.']));
    expect(calls).toEqual([['Bash', input], ['Bash', input]]); // prettier-ignore
    expect(text).toBe('One.\nTwo.');
  });

  it.each([
    `<tool_calls>[{"name": "Bash", "arguments": ${json}}, {"name": "Bash", "arguments": ${json}}]</tool_calls>`,
    `<|python_tag|>{"name": "Bash", "parameters": ${json}}; {"name": "Bash", "parameters": ${json}}<|eot_id|>`,
    `functools[{"name": "Bash", "arguments": ${json}}, {"name": "Bash", "arguments": ${json}}]`,
    `<|tool_call|>[{"name": "Bash", "arguments": ${json}}, {"name": "Bash", "arguments": ${json}}]`,
    `${markups['Seed-OSS']}\n${markups['Seed-OSS']}`,
    `${markups['Phi-4-mini']}${markups['Phi-4-mini']}`,
    `<tool_calls>\n${markups['Hy3 without the outer tag']}\n${markups['Hy3 without the outer tag']}\n</tool_calls>`,
  ])('in one section or behind each other: %s', (markup) => {
    expect(read(texts([...markup]))).toMatchObject({ text: '', calls: [['Bash', input], ['Bash', input]] }); // prettier-ignore
  });

  it('are dropped where the reply has calls in their own field', () => {
    const own: Delta = { type: 'tool-delta', key: 'own', id: 'c', name: 'Bash', text: json };
    const { text, calls } = read([own, ...texts([markups['Hermes'] ?? ''])]);
    expect(calls).toEqual([['Bash', input]]);
    expect(text).toBe('');
  });
});

describe('a call in a thought and again in the text', () => {
  const thought: Delta[] = [{ type: 'reasoning-delta', key: 'r', text: `I do it. ${markups['Kimi tokens']}` }];

  it('is one call: text that was shown as a thought comes again', () => {
    const { calls } = read([...thought, ...texts([`I do it. ${markups['Kimi tokens']}`])]);
    expect(calls).toEqual([['Bash', input]]);
  });

  it('is as many calls as the text has', () => {
    const twice = `${markups['Kimi tokens']}${markups['Kimi tokens']}`;
    expect(read([...thought, ...texts([twice])]).calls).toEqual([['Bash', input], ['Bash', input]]); // prettier-ignore
    expect(read([...thought, ...texts([twice.replaceAll('ls -l', 'pwd')])]).calls).toHaveLength(3);
  });
});

describe('harmony channels', () => {
  it.each<[string, string, Partial<Read>]>([
    [
      'analysis and final',
      '<|channel|>analysis<|message|>The user greets.<|end|><|start|>assistant<|channel|>final<|message|>Hello!<|return|>',
      { reasoning: 'The user greets.', text: 'Hello!', calls: [] },
    ],
    [
      'a call behind analysis',
      '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant to=functions.Bash<|channel|>commentary json<|message|>{"command":"ls"}<|call|>',
      { reasoning: 'Hm.', text: '', calls: [['Bash', { command: 'ls' }]] },
    ],
    [
      'a preamble in commentary',
      '<|channel|>commentary<|message|>I will look.<|end|><|start|>assistant<|channel|>final<|message|>Done.',
      { text: 'I will look.Done.', calls: [] },
    ],
  ])('%s', (_, whole, expected) => {
    expect(read(texts([whole]))).toMatchObject(expected);
    expect(read(texts([...whole]))).toMatchObject(expected);
  });
});

describe('MiniMax M3', () => {
  it('writes lists and objects as tags', () => {
    const args = m3('<args>', '<item>', '-l', '</item>', '<item>', '<a>', 'x < y </a>', '</a>', '</item>', '</args>');
    expect(read(texts([...args])).calls).toEqual([['Bash', { args: ['-l', { a: 'x < y </a>' }] }]]);
  });
});

describe('LFM2', () => {
  it('writes as Python does', () => {
    const call = `<|tool_call_start|>[Bash(command='echo "it\\'s"', args=["a", 1], timeout=None), Bash()]<|tool_call_end|>`;
    expect(read(texts([...call])).calls).toEqual([
      ['Bash', { command: `echo "it's"`, args: ['a', 1], timeout: null }],
      ['Bash', {}],
    ]);
  });
});

describe('ends without a beginning', () => {
  it.each([
    ']<]minimax[>[</tool_call>', '\n]<]minimax[>[</tool_call>\n]<]minimax[>[</tool_call>', '</｜DSML｜function_calls>',
    '<|tool_calls_section_end|>', '<|close|>response<|sep|><|close|>message<|sep|>',
  ])('are dropped at the end of a text: %s', (end) => {
    expect(read(texts([...`All done.${end}`])).text.trim()).toBe('All done.');
    expect(read(texts([...`All done.${end} And more.`])).text).toBe(`All done.${end} And more.`);
  }); // prettier-ignore

  it.each([
    '`<｜DSML｜function_calls>\n</｜DSML｜function_calls>', '<｜DSML｜function_calls>none</｜DSML｜function_calls>\n</｜DSML｜function_calls>',
    '```\n]<]minimax[>[<tool_call>\n```\n]<]minimax[>[</tool_call>',
  ])('stay where a beginning was let through as text: %s', (whole) => {
    expect(read(texts([whole]))).toMatchObject({ text: whole, calls: [] });
    expect(read(texts([...whole]))).toMatchObject({ text: whole, calls: [] });
  }); // prettier-ignore

  it('do not hide a call behind them', () => {
    const { text, calls } = read(texts([...`One.<|tool_calls_section_end|>${markups['Hermes']}`]));
    expect(calls).toEqual([['Bash', input]]);
    expect(text).toBe('One.<|tool_calls_section_end|>');
  });
});

/** Texts that talk about markup, or look like the beginning of it. */
const talk = [
  'Use `<tool_call>` to call a tool, and `</tool_call>` to end it.',
  'The parser looks for <tool_call> and then for JSON.',
  '<tool_call> is a tag. So is </tool_call>.',
  '<function=foo> is not closed',
  'if (a <| b && c |> d) { return "<|"; }',
  'The tokens <|channel|>, <|message|> and <|end|> belong to harmony.',
  'gpt-oss writes <|start|>assistant<|channel|>final before its answer.',
  '[TOOL_CALLS] is a token of Mistral.',
  '[TOOL_CALLS] [1, 2]',
  '~~~\n<tool_call>{"name":"Bash","arguments":{}}</tool_call>\n~~~',
  '<minimax:tool_call></minimax:tool_call>',
  '<｜DSML｜function_calls>\n</｜DSML｜function_calls>',
  'import functools\n@functools.cache\nfunctools[0] and functools[{',
  'Phi writes functools[{"name": "f"}] before a call.',
  '<|python_tag|>print(1)',
  '<|python_tag|>Bash.call(command=open("x").read())',
  '<tool_calls><tool_call>Bash<tool_sep></tool_calls>',
  '<tool_calls>none</tool_calls>',
  '<|tool_call|> is a token of Granite.',
  '<seed:tool_call></seed:tool_call>',
  'x < y and <｜tool▁calls▁begin｜> alone',
  'An <invoke name="Bash"> element has parameters, and </invoke> ends it.',
  'M3 puts ]<]minimax[>[ in front of <tool_call>, and ]<]minimax[>[</tool_call> at the end.',
  'K3 writes <|open|>tools<|sep|>, then calls, and <|close|>message<|sep|> last of all.',
  '<|open|>tools<|sep|><|open|>call tool="Bash" index="1"<|sep|>',
  'Gemma: <|tool_call>call:name{...}<tool_call|>',
  '<|tool_call_start|>[print("x")] is no call',
  'a ] b ]< c and x[0]<]y[1]>[',
  'The section ends with <|tool_calls_section_end|> and </tool_call> does not.',
];

describe('text that talks about markup', () => {
  it.each(talk)('stays as it came: %s', (whole) => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 10 }), (cuts) => {
        expect(read(texts(pieces(whole, cuts)))).toEqual({ text: whole, reasoning: '', calls: [], finish: ['stop'] });
      }),
      { numRuns: 40 },
    );
  });

  it('stays as it came, whatever it is put together from', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom(...talk, '<tool_call>', '<|', '`', '```\n', '\n', '<|channel|>'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(fc.nat(20), { maxLength: 10 }), (parts, cuts) => {
        const whole = parts.join('');
        const { text, calls } = read(texts(pieces(whole, cuts)));
        if (calls.length === 0) expect(text).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });
});

function pieces(text: string, lengths: readonly number[]): string[] {
  return cutText(text, lengths).filter((piece) => piece !== '');
}
