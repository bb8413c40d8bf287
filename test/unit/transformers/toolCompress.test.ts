import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest, FunctionTool, JsonObject, Tool } from '../../../src/canonical/request.ts';
import { toolCompress } from '../../../src/transformers/toolCompress.ts';
import { requestOf } from './requests.ts';

const wordy: FunctionTool = {
  kind: 'function',
  name: 'read',
  description:
    'Reads a file, e.g. a source.  \n\n\n\nThe path must be absolute. Lines are numbered.\n\nExamples:\n- read a\n- read b\n\nNever guess. <example>read</example>',
  parameters: {
    type: 'object',
    description: 'What to read.',
    $comment: 'internal',
    properties: {
      description: { type: 'string', description: 'Why. In five words, e.g. "look at it". Then some more words about it, so that all of it is longer than what is kept of it at that level.' },
      mode: { enum: ['a', 'b'], default: 'a', examples: ['b'] },
      list: { type: 'array', items: { type: 'object', properties: { x: { description: 'An x.' } }, required: ['x'] } },
    },
    required: ['description'],
    anyOf: [{ required: ['mode'], description: 'Either.' }, { required: ['list'] }],
  },
}; // prettier-ignore

function compress(tools: Tool[], level?: unknown): Tool[] | undefined {
  const before = structuredClone(tools);
  const out = toolCompress(level === undefined ? {} : { level })(requestOf({ tools }))?.request;
  expect(tools).toEqual(before);
  expect(out?.source).toBeUndefined();
  return out?.tools;
}

function first(level?: unknown): FunctionTool {
  const [tool] = compress([wordy], level) ?? [];
  if (tool?.kind !== 'function') throw new Error('There is no function.');
  return tool;
}

/** Everything of a schema that is no prose. */
function bones(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bones);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, each]) => !['$comment', 'examples'].includes(key) && !(key === 'description' && typeof each === 'string'),
  );
  return Object.fromEntries(entries.map(([key, each]) => [key, bones(each)]));
}

describe('the levels', () => {
  it('1 removes examples and extra white space', () => {
    expect(first(1).description).toBe(
      'Reads a file, e.g. a source.\n\nThe path must be absolute. Lines are numbered.\n\nNever guess.',
    );
    expect(first(1).parameters).toMatchObject({ description: 'What to read.' });
  });

  it('2 keeps whole sentences up to a limit', () => {
    const properties = first(2).parameters['properties'] as Record<string, JsonObject>;
    expect(properties['description']?.['description']).toBe('Why. In five words, e.g. "look at it".');
    const long = `${'Many words here. '.repeat(40)}End.`;
    const [tool] = compress([{ ...wordy, description: long }], 2) ?? [];
    expect(tool).toMatchObject({ description: 'Many words here. '.repeat(23).trim() });
  });

  it('3 keeps the first sentence of the tool, and of parameters what decides on a valid call', () => {
    expect(first(3).description).toBe('Reads a file, e.g. a source.');
    expect(JSON.stringify(first(3).parameters)).not.toMatch(/Why|Either|An x|What to read/);
  });

  it.each([
    ['low', 1],
    ['MEDIUM', 2],
    ['high', 3],
    ['2', 2],
    [undefined, 1],
    ['nonsense', 1],
  ])('%s is level %s', (name, level) => {
    expect(first(name)).toEqual(first(level));
  });

  it.each([1, 2, 3])('%s leaves names, types, enums and what is required', (level) => {
    const tool = first(level);
    expect(tool.name).toBe('read');
    expect(bones(tool.parameters)).toEqual(bones(wordy.parameters));
  });
});

it('does not change custom and hosted tools', () => {
  const custom: Tool = { kind: 'custom', name: 'patch', description: 'Long.\n\n\n\nExamples:\na' };
  const hosted: Tool = {
    kind: 'hosted',
    name: 'web',
    dialect: 'openai-responses',
    json: { description: 'a\n\n\n\nb' },
  };
  expect(compress([custom, hosted], 3)).toBeUndefined();
  expect(compress([custom, wordy], 3)?.[0]).toBe(custom);
});

it('keeps a description that is nothing but an example', () => {
  const [tool] = compress([{ ...wordy, description: '<example>a</example>' }], 1) ?? [];
  expect(tool).toMatchObject({ description: '<example>a</example>' });
});

it('does not apply to a request with nothing to shorten, which can then be relayed', () => {
  const request: ChatRequest = requestOf({ tools: [{ kind: 'function', name: 'a', parameters: { type: 'object' } }] });
  expect(toolCompress({ level: 3 })(request)).toBeUndefined();
});

it.each([
  ['<example>'.repeat(50_000)],
  [`<example>a</example>${'<example>'.repeat(50_000)}`],
  [' '.repeat(100_000) + 'a'],
  ['Example:\n```\n'.repeat(50_000)],
  ['. '.repeat(100_000)],
])('takes no long time over a description that was made for it', (description) => {
  const before = performance.now();
  compress([{ ...wordy, description }], 3);
  expect(performance.now() - before).toBeLessThan(5000);
});

it('never makes a description longer, and is idempotent', () => {
  const text = fc.array(fc.constantFrom('A word', 'e.g. this', '. ', '.\n', '\n\n', '  ', 'Example:', '\n- x', '!', 'é')).map((parts) => parts.join('')); // prettier-ignore
  const property = fc.property(text, fc.constantFrom(1, 2, 3), (description, level) => {
    const once = compress([{ ...wordy, description }], level)?.[0];
    if (once?.kind !== 'function') throw new Error('There is no function.');
    expect(once.description?.length).toBeLessThanOrEqual(description.length);
    expect(compress([once], level)?.[0] ?? once).toEqual(once);
  });
  fc.assert(property);
});
