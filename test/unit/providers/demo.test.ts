import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import { collectReply } from '../../../src/canonical/collectReply.ts';
import type { Reply, ReplyBlock } from '../../../src/canonical/events.ts';
import { frameBlocks } from '../../../src/canonical/frameBlocks.ts';
import type { ChatRequest, Message, Part, Tool, ToolCallPart } from '../../../src/canonical/request.ts';
import { demoDeltas } from '../../../src/providers/demo.ts';
import { sampleOf } from '../../../src/providers/schemaSample.ts';

const info = { route: "demo,demo (reason: default) 'quoted' $HOME" };

const folder = mkdtempSync(join(tmpdir(), 'ccr-demo-'));
afterAll(() => rmSync(folder, { recursive: true }));

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });

function declared(name: string, command?: 'string' | 'array'): Tool {
  const properties = command ? { command: { type: command } } : {};
  return { kind: 'function', name, parameters: { type: 'object', properties } };
}

function request(messages: Message[], tools: Tool[] = [], more: Partial<ChatRequest> = {}): ChatRequest {
  return createRequest({ messages, tools, toolChoice: { type: 'auto' }, stream: true, sampling: {}, ...more });
}

function answer(given: ChatRequest): Reply {
  const collector = collectReply();
  const framer = frameBlocks({ newCallId: () => 'fresh' })((event) => collector.push(event));
  for (const { delta } of demoDeltas(given, info)) framer.push(delta);
  framer.end();
  return collector.reply();
}

function textOf({ blocks }: Reply): string {
  return blocks.find(({ type }) => type === 'text')?.text ?? '';
}

function callOf({ blocks }: Reply): ReplyBlock & { type: 'tool-call' } {
  const call = blocks.find((block) => block.type === 'tool-call');
  if (!call) throw new Error('The demo called no tool.');
  return call;
}

/** The conversation after the demo's call was answered with `result`. */
function answered(given: ChatRequest, result: string, isError = false): ChatRequest {
  const { blocks } = answer(given);
  const parts = blocks.flatMap((block): Part[] => {
    if (block.type === 'text') return [{ type: 'text', text: block.text }];
    if (block.type !== 'tool-call') return [];
    const { id, kind, name, text: input } = block;
    return [{ type: 'tool-call', id, kind, name, input }];
  });
  const call = parts.find((part): part is ToolCallPart => part.type === 'tool-call');
  const tool: Message = {
    role: 'tool',
    parts: [
      {
        type: 'tool-result',
        callId: call?.id ?? '',
        kind: 'function',
        isError,
        parts: [{ type: 'text', text: result }],
      },
    ],
  };
  return createRequest({ ...given, messages: [...given.messages, { role: 'assistant', parts }, tool] });
}

describe('without tools', () => {
  test('it says what it is, what was asked, by what route, and what to do', () => {
    const reply = answer(
      request([user('<environment_context>'), user('What is\n 15 * 23?'), user('<system-reminder>')]),
    );
    expect(textOf(reply)).toContain('no model answered');
    expect(textOf(reply)).toContain('"What is 15 * 23?"');
    expect(textOf(reply)).toContain(info.route);
    expect(textOf(reply)).toContain('CCR: Add Provider');
    expect(reply.blocks.map(({ type }) => type)).toEqual(['reasoning', 'text']);
    expect(reply.finish).toBe('stop');
    expect(reply.usage?.inputTokens).toBeGreaterThan(0);
  });

  test('it streams, with pauses, and reasons unless told not to', () => {
    const steps = [...demoDeltas(request([user('hi')]), info)];
    expect(steps.filter(({ delta }) => delta.type === 'text-delta').length).toBeGreaterThan(10);
    expect(new Set(steps.map(({ delayMs }) => delayMs))).toEqual(new Set([0, 15]));
    expect(answer(request([user('hi')], [], { reasoning: { effort: 'none' } })).blocks.map(({ type }) => type)).toEqual(
      ['text'],
    );
  });
});

describe('with a tool it makes one file', () => {
  test('by a patch', () => {
    const tools: Tool[] = [declared('exec_command'), { kind: 'custom', name: 'apply_patch' }];
    expect(callOf(answer(request([user('hi')], tools)))).toMatchObject({
      kind: 'custom',
      name: 'apply_patch',
      id: 'call_demo_1',
      text: '*** Begin Patch\n*** Add File: ccr-demo.md\n+Created through CCR by route demo,demo (reason: default) ?quoted? ?HOME\n*** End Patch\n',
    });
  });

  test.each([
    [declared('exec_command'), (input: { cmd: string }) => ['sh', '-c', input.cmd]],
    [declared('shell_command'), (input: { command: string }) => ['sh', '-c', input.command]],
    [declared('shell', 'array'), (input: { command: string[] }) => input.command],
    [declared('shell', 'string'), (input: { command: string }) => ['sh', '-c', input.command]],
    [declared('Bash'), (input: { command: string }) => ['sh', '-c', input.command]],
  ] as [Tool, (input: unknown) => string[]][])(
    'by a shell that takes %j, which leaves a file that is there',
    (tool, commandOf) => {
      const cwd = mkdtempSync(join(folder, 'run-'));
      const given = request(
        [user('hi')],
        [{ kind: 'hosted', name: 'web_search', dialect: 'openai-responses', json: {} }, tool],
      );
      const [program = '', ...rest] = commandOf(JSON.parse(callOf(answer(given)).text));
      const first = execFileSync(program, rest, { cwd, encoding: 'utf8' });
      expect(readFileSync(join(cwd, 'ccr-demo.md'), 'utf8')).toBe(
        'Created through CCR by route demo,demo (reason: default) ?quoted? ?HOME\n',
      );
      expect(textOf(answer(answered(given, `Exit code: 0\nOutput:\n${first}`)))).toMatch(/^ccr-demo\.md is there/);
      const second = execFileSync(program, rest, { cwd, encoding: 'utf8' });
      expect(textOf(answer(answered(given, second)))).toMatch(/^ccr-demo\.md already exists/);
    },
  );

  test('in its namespace', () => {
    const tool: Tool = { ...declared('exec_command'), namespace: 'functions' } as Tool;
    expect(callOf(answer(request([user('hi')], [tool]))).namespace).toBe('functions');
  });

  test('not when it may not, and not with a tool that it does not know', () => {
    const tools = [declared('exec_command')];
    expect(answer(request([user('hi')], tools, { toolChoice: { type: 'none' } })).finish).toBe('stop');
    expect(answer(request([user('hi')], [declared('search')])).finish).toBe('stop');
  });
});

describe('after the call', () => {
  const asked = request([user('hi')], [declared('exec_command')]);

  test.each([
    [
      'Codex',
      'Chunk ID: 1\nWall time: 0 seconds\nProcess exited with code 0\nOutput:\nccr-demo.md created\n',
      /is there/,
    ],
    [
      'Codex 0.80',
      '{"output":"Success. Updated the following files:\\nA ccr-demo.md\\n","metadata":{"exit_code":0,"duration_seconds":0.0}}',
      /is there/,
    ],
    [
      'a sandbox',
      'Process exited with code 1\nOutput:\nsh: ccr-demo.md: Read-only file system',
      /could not be created[^]*Read-only file system/,
    ],
    ['words of success in a failure', 'exit code: 1\nno success', /could not be created/],
    ['silence', '', /could not be created[^]*\(nothing\)/],
  ])('it tells what %s said', (_name, result, expected) => {
    expect(textOf(answer(answered(asked, result)))).toMatch(expected);
  });

  test('an error of the tool is one, whatever it says', () => {
    expect(textOf(answer(answered(asked, 'success', true)))).toMatch(/could not be created/);
  });

  test("messages that the client puts around the result don't restart it", () => {
    const done = answered(asked, 'ccr-demo.md created');
    const [question, turn, result] = done.messages as [Message, Message, Message];
    const reminder = user('<system-reminder>now</system-reminder>');
    for (const messages of [
      [question, turn, result, reminder],
      [question, turn, reminder, result],
      [
        question,
        { ...turn, parts: turn.parts.filter(({ type }) => type === 'tool-call') },
        { ...turn, parts: turn.parts.filter(({ type }) => type === 'text') },
        result,
      ],
    ]) {
      expect(textOf(answer(createRequest({ ...done, messages })))).toMatch(/is there/);
    }
  });

  test('the next question finds the file made, or tries again', () => {
    const next = (done: ChatRequest): Reply =>
      answer(
        createRequest({
          ...done,
          messages: [
            ...done.messages,
            { role: 'assistant', parts: [{ type: 'text', text: textOf(answer(done)) }] },
            user('and now?'),
          ],
        }),
      );
    const reply = next(answered(asked, 'ccr-demo.md created'));
    expect(textOf(reply)).toContain('was created earlier');
    expect(reply.finish).toBe('stop');
    expect(callOf(next(answered(asked, 'denied'))).id).toBe('call_demo_2');
  });
});

describe('side requests get JSON', () => {
  test("Codex's title of a thread", () => {
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    };
    const given = request([user('hi')], [], {
      outputFormat: { type: 'json-schema', name: 'codex_output_schema', schema },
    });
    expect(JSON.parse(textOf(answer(given)))).toEqual({ title: 'CCR demo' });
    expect(JSON.parse(textOf(answer(createRequest({ ...given, outputFormat: { type: 'json-object' } }))))).toEqual({
      answer: 'CCR demo',
    });
  });

  test.each<[object, unknown]>([
    [{ type: 'array', items: { type: 'integer', minimum: 3 }, minItems: 2 }, [3, 3]],
    [{ enum: ['a', 'b'] }, 'a'],
    [{ const: 7 }, 7],
    [{ type: ['null', 'boolean'] }, false],
    [{ type: 'string', maxLength: 3 }, 'CCR'],
    [{ type: 'string', minLength: 10 }, 'CCR demo..'],
    [{ type: 'number', exclusiveMinimum: 1, maximum: 2 }, 2],
    [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
    [
      { allOf: [{ properties: { a: { type: 'boolean' } } }, { properties: { b: { type: 'null' } } }] },
      { a: false, b: null },
    ],
    [{ $ref: '#/$defs/name', $defs: { name: { properties: { first: { type: 'string' } } } } }, { first: 'CCR demo' }],
    [{ type: 'object' }, {}],
  ])('%j', (schema, expected) => {
    expect(sampleOf({ ...schema }, 'CCR demo')).toEqual(expected);
  });

  test('a schema that refers to itself ends', () => {
    const schema = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { next: { $ref: '#/$defs/node' }, list: { type: 'array', items: { $ref: '#/$defs/node' } } },
        },
      },
    };
    expect(JSON.stringify(sampleOf(schema, '')).length).toBeLessThan(10_000);
  });
});
