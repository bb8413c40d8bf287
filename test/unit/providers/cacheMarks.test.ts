import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { edit } from './find.ts';

const identity = { name: 'openrouter', model: 'anthropic/claude-sonnet-4.6' };
const system = { role: 'system', content: 'Be brief.' };
const user = { role: 'user', content: 'Go' };
const call = { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] }; // prettier-ignore
const result = { role: 'tool', tool_call_id: 'c', content: 'ok' };
const marked = (text: string): JsonObject => ({ type: 'text', text, cache_control: { type: 'ephemeral' } });

describe('a Claude at OpenRouter', () => {
  it('has its prompt cached up to the system’s end and to the conversation’s', () => {
    expect(edit(identity, { messages: [system, user, call, result] })['messages']).toEqual([
      { ...system, content: [marked('Be brief.')] },
      user,
      call,
      { ...result, content: [marked('ok')] },
    ]);
  });

  it('has the mark on the last text of a message of parts', () => {
    const image = { type: 'image_url', image_url: { url: 'https://a/b.png' } };
    const looks = { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }, image] };
    expect(edit(identity, { messages: [looks] })['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }, marked('b'), image] },
    ]);
  });

  const plainFunction = { name: 'f', parameters: { type: 'object', properties: {} } };
  it.each<[string, JsonObject]>([
    ['a part', { messages: [system, { role: 'user', content: [marked('Go')] }] }],
    ['a tool', { messages: [user], tools: [{ type: 'function', function: plainFunction, cache_control: {} }] }],
    ['the request', { messages: [user], cache_control: { type: 'ephemeral', ttl: '1h' } }],
  ])('keeps the client’s own marks: %s', (_what, body) => {
    expect(edit(identity, body)).toBe(body);
  });

  it('alone: others cache by themselves', () => {
    const body = { messages: [system, user] };
    expect(edit({ ...identity, model: 'z-ai/glm-5' }, body)).toBe(body);
  });
});
