import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../../src/canonical/events.ts';
import type { FunctionTool } from '../../../../src/canonical/request.ts';
import { chain, runStage } from '../../../../src/canonical/stage.ts';
import { readHarmony } from '../../../../src/providers/leakedCalls/harmony.ts';
import { rescueCalls } from '../../../../src/providers/leakedCalls/rescueCalls.ts';
import { cutText } from '../../../support/cutText.ts';

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

const input = { command: 'ls -l', timeout: 5 };
const json = JSON.stringify(input);
const dsml = (bar: string, outer: string): string =>
  `<${bar}DSML${bar}${outer}>\n<${bar}DSML${bar}invoke name="Bash">\n<${bar}DSML${bar}parameter name="command" string="true">ls -l</${bar}DSML${bar}parameter>\n<${bar}DSML${bar}parameter name="timeout" string="false">5</${bar}DSML${bar}parameter>\n</${bar}DSML${bar}invoke>\n</${bar}DSML${bar}${outer}>`;

/** MiniMax M3's tags, with its token in front of each. */
function m3(...parts: string[]): string {
  const tags = ['<tool_call>', '<invoke name="Bash">', ...parts, '</invoke>', '</tool_call>'];
  return tags.map((part) => (part.startsWith('<') ? `]<]minimax[>[${part}` : part)).join('');
}

/** One call of Bash with `input`, as each family writes it. */
const markups: Record<string, string> = {
  'Kimi tokens': `<|tool_calls_section_begin|><|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
  DSML: dsml('｜', 'function_calls'),
  'DSML, tool_calls': dsml('｜', 'tool_calls'),
  'DSML, doubled bars': dsml('｜｜', 'tool_calls'),
  'DSML, ASCII bars': dsml('|', 'function_calls'),
  'DeepSeek V3 tokens': `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>Bash\n\`\`\`json\n${json}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  'DeepSeek V3.1 tokens': `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>Bash<｜tool▁sep｜>${json}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  MiniMax: `<minimax:tool_call>\n<invoke name="Bash">\n<parameter name="command">ls -l</parameter>\n<parameter name="timeout">5</parameter>\n</invoke>\n</minimax:tool_call>`,
  Hermes: `<tool_call>\n{"name": "Bash", "arguments": ${json}}\n</tool_call>`,
  'Qwen XML': `<tool_call>\n<function=Bash>\n<parameter=command>\nls -l\n</parameter>\n<parameter=timeout>\n5\n</parameter>\n</function>\n</tool_call>`,
  'Qwen XML without its opener': `<function=Bash>\n<parameter=command>\nls -l\n</parameter>\n<parameter=timeout>\n5\n</parameter>\n</function>\n</tool_call>`,
  GLM: `<tool_call>Bash\n<arg_key>command</arg_key>\n<arg_value>ls -l</arg_value>\n<arg_key>timeout</arg_key>\n<arg_value>5</arg_value>\n</tool_call>`,
  'Mistral list': `[TOOL_CALLS][{"name": "Bash", "arguments": ${json}}]`,
  'Mistral name and arguments': `[TOOL_CALLS]Bash[ARGS]${json}`,
  'Seed-OSS': `<seed:tool_call>\n<function=Bash>\n<parameter=command>ls -l</parameter>\n<parameter=timeout>5</parameter>\n</function>\n</seed:tool_call>`,
  'MiniMax M1': `<tool_calls>\n{"name": "Bash", "arguments": ${json}}\n</tool_calls>`,
  'Hunyuan A13B': `<tool_calls>[{"name": "Bash", "arguments": ${json}}]</tool_calls>`,
  Hy3: `<tool_calls>\n<tool_call>Bash<tool_sep>\n<arg_key>command</arg_key>\n<arg_value>ls -l</arg_value>\n<arg_key>timeout</arg_key>\n<arg_value>5</arg_value>\n</tool_call>\n</tool_calls>`,
  'Hy3 without the outer tag': `<tool_call>Bash<tool_sep>\n<arg_key>command</arg_key>\n<arg_value>ls -l</arg_value>\n<arg_key>timeout</arg_key>\n<arg_value>5</arg_value>\n</tool_call>`,
  Hy4: `<tool_calls:opensource><tool_call:opensource>Bash<arg_key:opensource>command</arg_key:opensource><arg_value:opensource>ls -l</arg_value:opensource><arg_key:opensource>timeout</arg_key:opensource><arg_value:opensource>5</arg_value:opensource></tool_call:opensource></tool_calls:opensource>`,
  'Phi-4-mini': `<|tool_call|>{"name": "Bash", "arguments": ${json}}<|/tool_call|>`,
  'Phi-4-mini, a list': `<|tool_call|>[{"name": "Bash", "arguments": ${json}}]<|/tool_call|>`,
  'Phi-4-mini at vLLM': `functools[{"name": "Bash", "arguments": ${json}}]`,
  'Granite 3.0': `<|tool_call|>[{"name": "Bash", "arguments": ${json}}]`,
  'Granite 3.1': `<tool_call>[{"name": "Bash", "arguments": ${json}}]`,
  'Granite 4': `<tool_call>\n{"name": "Bash", "arguments": ${json}}\n</tool_call>`,
  'Llama 3': `<|python_tag|>{"name": "Bash", "parameters": ${json}}<|eom_id|>`,
  'Llama 3 without its end': `<|python_tag|>{"type": "function", "name": "Bash", "parameters": ${json}}`,
  'Llama 3, as built in': `<|python_tag|>Bash.call(command="ls -l", timeout=5)<|eom_id|>`,
  'a bare invoke': `<invoke name="Bash">\n<parameter name="command">ls -l</parameter>\n<parameter name="timeout">5</parameter>\n</invoke>`,
  'an invoke that lost its opener': `<invoke name="Bash">\n<parameter name="command">ls -l</parameter>\n<parameter name="timeout">5</parameter>\n</invoke></function_calls>`,
  'MiniMax M3': m3('<command>', 'ls -l', '</command>', '<timeout>', '5', '</timeout>'),
  'Kimi K3': `<|open|>tools<|sep|><|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="command" type="string"<|sep|>ls -l<|close|>argument<|sep|><|open|>argument key="timeout" type="number"<|sep|>5<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|><|close|>message<|sep|>`,
  'Kimi K3 behind its answer': `<|close|>response<|sep|><|open|>tools<|sep|><|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="command" type="string"<|sep|>ls -l<|close|>argument<|sep|><|open|>argument key="timeout" type="number"<|sep|>5<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|><|close|>message<|sep|><|end_of_msg|>`,
  'Kimi K3 without some tokens': `<|open|>toolscall tool="Bash" index="1"<|sep|><|open|>argument key="command" type="string"<|sep|>ls -largument<|sep|><|open|>argument key="timeout" type="number"<|sep|>5<|close|>argument<|sep|><|close|>call<|sep|><|close|>toolsmessage<|sep|>`,
  'Kimi K2 without its section': `<|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>${json}<|tool_call_end|>`,
  'DSML without its outer tag': `<｜DSML｜invoke name="Bash">\n<｜DSML｜parameter name="command" string="true">ls -l</｜DSML｜parameter>\n<｜DSML｜parameter name="timeout" string="false">5</｜DSML｜parameter>\n</｜DSML｜invoke>`,
  'Gemma 4': `<|tool_call>call:Bash{command:<|"|>ls -l<|"|>,timeout:5}<tool_call|>`,
  LFM2: `<|tool_call_start|>[Bash(command="ls -l", timeout=5)]<|tool_call_end|>`,
  LongCat: `<longcat_tool_call>\n{"name": "Bash", "arguments": ${json}}\n</longcat_tool_call>`,
  Command: `<|START_ACTION|>[\n{"tool_call_id": "0", "tool_name": "Bash", "parameters": ${json}}\n]<|END_ACTION|>`,
  InternLM: `<|action_start|><|plugin|>{"name": "Bash", "parameters": ${json}}<|action_end|>`,
  'Llama 3.1': `<function=Bash>${json}</function>`,
  harmony: `<|start|>assistant<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>${json}<|call|>`,
};

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
