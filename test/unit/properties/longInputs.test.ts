import { describe, expect, test } from 'vitest';
import { parseCutJson } from '../../../src/canonical/cutJson.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { fitCalls } from '../../../src/canonical/fitCalls.ts';
import { parseLenient } from '../../../src/canonical/lenientJson.ts';
import { classifyProviderError, readProviderErrorBody, redact } from '../../../src/canonical/providerError.ts';
import { readRetryBody, readRetryText, readWait } from '../../../src/canonical/retryTime.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import type { Tool } from '../../../src/canonical/request.ts';
import { quote } from '../../../src/dialects/eventJson.ts';
import { readableFrames } from '../../../src/dialects/readFrame.ts';
import { applyEdits } from '../../../src/providers/bodyEdits.ts';
import { everyProvider } from '../../../src/providers/everyProvider.ts';
import { readHarmony } from '../../../src/providers/leakedCalls/harmony.ts';
import { rescueCalls } from '../../../src/providers/leakedCalls/rescueCalls.ts';
import { readFrames } from '../../../src/sse/readFrames.ts';
import { labelDiff } from '../../../src/transformers/gitNoise.ts';

// Texts that are chosen to be read slowly. Read in time that grows with the square of their length, each takes longer than a test
// may: nothing here measures time.

const size = 400_000;
const many = (text: string, length = size): string => text.repeat(Math.ceil(length / text.length));
const tool: Tool = { kind: 'function', name: 'look', description: '', parameters: {} };
const text = (said: string): Delta[] => [
  { type: 'text-delta', key: 't', text: said },
  { type: 'finish', reason: 'stop', raw: 'stop' },
];

const texts: Record<string, string> = {
  blanks: many(' '),
  'line ends': many('\n'),
  digits: many('0'),
  'the signs of an address': many('@'),
  backslashes: `{"a":"${many('\\\\')}x`,
  'escaped quotes': `{"a":"${many('\\"')}`,
  'the names of a key': many('api_key='),
  'tokens without an end': many('-eyJ-eyJ-aaaaaaaa'),
  'tokens without a beginning': `${many('-eyJ.')}${many('x-eyJ-eyJ')}.`,
  'a limit again and again': many('maximum context length is 0 requested 0 tokens ('),
  'tokens again and again': many('tokens exceed '),
  'waits again and again': many('try again in 1 '),
  'written line ends': `${many('\\n')}x`,
  'open brackets': many('{"a":['),
};

describe.each(Object.entries(texts))('%s', (_, long) => {
  test('as an error', () => {
    const said = readProviderErrorBody(long);
    expect(said?.message.length ?? 0).toBeLessThan(3000);
    const error = classifyProviderError({ status: 400, message: long, code: long.slice(0, 200) }, { rules: [], now: () => 0, sent: { max_tokens: 9 } });
    expect(error.message.length).toBeLessThan(9000);
    expect(readRetryText(long.slice(0, 4000), 0) ?? 0).toBeGreaterThanOrEqual(0);
    expect(readWait(long, 0)).toBe(undefined);
    expect(quote(long).length).toBeLessThan(1000);
    expect(redact(long).length).toBeLessThanOrEqual(long.length);
  }); // prettier-ignore

  test('as the name of a user', () => {
    const metadata = { user_id: long };
    const fitted = applyEdits({ metadata }, everyProvider['anthropic-messages'])['metadata'] as { user_id: string };
    expect(fitted.user_id.length).toBe(256);
  });

  test('as data', () => {
    expect(readableFrames({ data: `data: x\n${long}` })).toEqual([]);
    expect(parseLenient(long)).toBe(undefined);
    parseCutJson(long);
  });

  test('as the name of a tool', () => {
    const called: Delta[] = [
      { type: 'tool-delta', key: 'c', id: 'call_1', name: long, text: '{}' },
      { type: 'block-end', key: 'c' },
    ];
    const out = runStage(fitCalls([tool], () => undefined), called);
    expect(out.some((delta) => delta.type === 'tool-delta' && delta.name === long)).toBe(true);
  });
}); // prettier-ignore

const names = ['retrytimestamp', 'limitretryafterin', 'resetsecondsms'];

test.each(names)('the name of a field that repeats %s', (name) => {
  const [word = ''] = /^(?:retry|limit|resets?)/.exec(name) ?? [];
  const rest = name.slice(word.length);
  for (const count of [1, 3, 30, 10_000])
    expect(readRetryBody({ error: { [`${word}${rest.repeat(count)}x`]: 5 } }, 0)).toBe(undefined);
});

const sections: Record<string, string> = {
  '<tool_call>': `look${many('<arg_key>a</arg_key><arg_value>')}</tool_call>`,
  '<function_calls>': `${many('<invoke name="look">')}</function_calls>`,
  '<｜tool▁calls▁begin｜>': `${many('<｜tool▁call▁begin｜>function<｜tool▁sep｜>look```json')}<｜tool▁calls▁end｜>`,
  '<|python_tag|>': `look.call(${many('a=')}()<|eom_id|>`,
  '<|tool_call_start|>': `[look(a=1)${many('-')}]<|tool_call_end|>`,
  '<|tool_call|>': `[${many('\n')}<|/tool_call|>`,
  '<|tool_call>': `call:look{${many('\\"')}}<tool_call|>`,
};

test.each(Object.entries(sections))('calls in %s that have no end', (opener, rest) => {
  const out = runStage(
    rescueCalls([tool], () => undefined),
    text(opener + rest),
  );
  expect(out.some(({ type }) => type === 'tool-delta')).toBe(false);
});

test('the header of a channel with many blanks', () => {
  const said = `<|start|>assistant<|channel|>final${many(' ')}x`;
  const out = runStage(
    readHarmony([tool], () => undefined),
    text(said),
  );
  expect(out.map((delta) => (delta.type === 'text-delta' ? delta.text : '')).join('')).toBe(said);
});

const marks = [
  '<|start|>assistant<|channel|>',
  '<|channel|>',
  '`',
  '<tool_call>',
  '<function_calls>',
  '<think>',
  '[TOOL_CALLS]',
  'functools[',
  '<function=',
  '<｜DSML｜function_calls>',
];

test.each(marks)('a text of many %s, whole and in pieces', (mark) => {
  const note = (): void => undefined;
  const end: Delta = { type: 'finish', reason: 'stop', raw: 'stop' };
  const pieces = (count: number): Delta[] =>
    Array.from({ length: count }, () => ({ type: 'text-delta', key: 't', text: mark }));
  const once: Delta[] = [{ type: 'text-delta', key: 't', text: `Hi ${many(mark, 400_000)}` }, end];
  for (const stage of [readHarmony([tool], note), rescueCalls([tool], note)])
    for (const deltas of [once, [...pieces(15_000), end]]) {
      const said = (each: readonly Delta[]): string =>
        each.map((delta) => (delta.type === 'text-delta' ? delta.text : '')).join('');
      expect(said(runStage(stage, deltas)).length).toBe(said(deltas).length);
    }
});

const streams: Record<string, string> = {
  'lines of data': 'data: x\n',
  'names of events': 'event: x\n',
  comments: ': x\n',
  'heartbeats within data': 'data: {"a": ping\n\n',
  'carriage returns': 'data: x\r',
  'lines that are no fields': 'hello world\n',
};

test.each(Object.entries(streams))('a stream of %s that never ends an event', (_, line) => {
  let count = 0;
  const reader = readFrames(() => count++);
  reader.push('data: {\n');
  for (let number = 0; number < 100_000; number++) reader.push(line);
  reader.end();
  expect(count).toBeGreaterThan(0);
});

test('a line of a diff that repeats its mark', () => {
  expect(labelDiff([`diff --git ${many(' b/')}\n`])).toEqual([undefined]);
});
