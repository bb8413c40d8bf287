import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { ChatRequest, Message } from '../../../src/canonical/request.ts';
import { guardLoops } from '../../../src/gateway/loopGuard.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
let ids = 0;

/** A call and its result. */
function step(input: string, output: string, name = 'shell'): Message[] {
  const id = `call_${++ids}`;
  return [
    { role: 'assistant', parts: [{ type: 'tool-call', id, name, kind: 'function', input }] },
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', callId: id, kind: 'function', isError: false, parts: [{ type: 'text', text: output }] },
      ],
    },
  ];
}

const repeat = (times: number, make: () => Message[]): Message[] => Array.from({ length: times }, make).flat();
const requestOf = (messages: Message[]): ChatRequest =>
  createRequest(
    { messages, tools: [], toolChoice: { type: 'auto' }, stream: true, sampling: {} },
    { dialect: 'openai-chat', body: {} },
  );
const limits = { noteAfter: 3, stopAfter: 5 };

/** How many texts each result has: a note is the second one. */
function textsOf({ messages }: ChatRequest): number[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'tool-result' ? part.parts.length : [])),
  );
}

describe('guardLoops', () => {
  it('leaves a request without repetitions as it is, with what the relay needs', () => {
    const request = requestOf([user('Go.'), ...step('{}', 'a'), ...step('{}', 'b'), ...step('{"x":1}', 'b')]);
    expect(guardLoops(request, limits)).toBe(request);
  });

  it('tells the model in the result of each call from the limit on, at the same places on each turn', () => {
    const messages = [user('Go.'), ...repeat(4, () => step('{}', 'failed'))];
    const third = guardLoops(requestOf(messages.slice(0, 7)), limits);
    const fourth = guardLoops(requestOf(messages), limits);
    expect([textsOf(third), textsOf(fourth)]).toEqual([
      [1, 1, 2],
      [1, 1, 2, 2],
    ]);
    expect(fourth.messages.slice(0, 7)).toEqual(third.messages);
    expect(JSON.stringify(third.messages)).toContain('made 3 times in a row');
    expect(third.source).toBeUndefined();
  });

  it('tells the model before it stops, also if the limits have it otherwise', () => {
    const request = requestOf([user('Go.'), ...repeat(3, () => step('{}', 'failed'))]);
    expect(textsOf(guardLoops(request, { noteAfter: 9, stopAfter: 4 }))).toEqual([1, 1, 2]);
  });

  it('finds a cycle of several calls', () => {
    const cycle = (): Message[] => [...step('{"a":1}', 'one'), ...step('{"b":2}', 'two')];
    expect(textsOf(guardLoops(requestOf([user('Go.'), ...repeat(3, cycle)]), limits))).toEqual([1, 1, 1, 1, 1, 2]);
  });

  it('does not count calls whose results change, or other calls', () => {
    let polls = 0;
    const polling = repeat(9, () => step('{}', `waited ${++polls} s`));
    const reading = repeat(9, () => step(`{"line":${++polls}}`, 'empty'));
    const others = repeat(9, () => step('{}', 'ok', `tool_${++polls}`));
    for (const messages of [polling, reading, others])
      expect(textsOf(guardLoops(requestOf(messages), limits))).toEqual(Array.from({ length: 9 }, () => 1));
  });

  it('starts again after what a user writes, but not after what a client adds', () => {
    const twice = () => repeat(2, () => step('{}', 'failed'));
    const asked = guardLoops(requestOf([user('Go.'), ...twice(), user('Go on.'), ...twice()]), limits);
    const added = guardLoops(requestOf([user('Go.'), ...twice(), user('<system-reminder>x'), ...twice()]), limits);
    expect([textsOf(asked), textsOf(added)]).toEqual([
      [1, 1, 1, 1],
      [1, 1, 2, 2],
    ]);
  });

  it('ends the turn at its limit, and lets the user go on', () => {
    const messages = [user('Go.'), ...repeat(5, () => step('{}', 'failed'))];
    expect(() => guardLoops(requestOf(messages), limits)).toThrow(
      /called shell 5 times in a row .* Router\.loopGuard in the config/,
    );
    const reminded = [...messages, user('<system-reminder>x'), { ...user('Be brief.'), role: 'system' as const }];
    expect(() => guardLoops(requestOf(reminded), limits)).toThrow(/5 times in a row/);
    expect(() => guardLoops(requestOf([...messages, user('Try another way.')]), limits)).not.toThrow();
  });
});

describe('Router.loopGuard', () => {
  const ask = async (loopGuard: unknown, times: number, said = 'Go.') => {
    const config = {
      Providers: [{ name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] }],
      Router: { default: 'one,m', ...(loopGuard !== undefined && { loopGuard }) },
    };
    const answer = `${chatChunk({ content: 'Yes.' })}${chatChunk({}, 'stop')}data: [DONE]\n\n`;
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
    const input = [
      { role: 'user', content: said },
      ...Array.from({ length: times }, (_, at) => [
        { type: 'function_call', call_id: `c${at}`, name: 'shell', arguments: '{"cmd":"ls"}' },
        { type: 'function_call_output', call_id: `c${at}`, output: 'No such file.' },
      ]).flat(),
    ];
    const { done, received } = bench.ask({ dialect: 'openai-responses', body: { model: 'auto', stream: true, input } });
    await done;
    return { status: received.status, text: received.text, calls: bench.calls, bench };
  };

  it('notes from 5 and stops at 15 unless configured, with an error that is not retried', async () => {
    expect((await ask(undefined, 4)).calls[0]?.body).not.toContain('times in a row');
    expect((await ask(undefined, 5)).calls[0]?.body).toContain('made 5 times in a row');
    const { status, text, calls, bench } = await ask(undefined, 15);
    expect([status, calls.length]).toEqual([403, 0]);
    expect(text).toContain('CCR stopped this turn');
    expect(bench.records[0]).toMatchObject({
      intent: { class: 'main' },
      estimate: { total: expect.any(Number) as number },
    });
  });

  it('says whole in the log why it stopped, though the conversation has words of it', async () => {
    const { bench } = await ask(
      { noteAfter: 2, stopAfter: 3 },
      3,
      'The same call with the same input and the same result?',
    );
    expect(bench.logged.join('\n')).toContain('3 times in a row with the same input and the same result.');
  });

  it('can be set, and turned off', async () => {
    expect((await ask({ noteAfter: 2, stopAfter: 3 }, 3)).status).toBe(403);
    const { status, calls } = await ask(false, 20);
    expect([status, calls[0]?.body.includes('times in a row')]).toEqual([200, false]);
  });
});
