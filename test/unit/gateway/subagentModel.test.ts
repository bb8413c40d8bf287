import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { Message } from '../../../src/canonical/request.ts';
import { takeSubagentModel } from '../../../src/gateway/subagentModel.ts';

const tag = '<CCR-SUBAGENT-MODEL>glm,glm-4.6</CCR-SUBAGENT-MODEL>';

function take(...messages: Message[]): { messages: readonly Message[]; model?: string; isRelayed: boolean } {
  const given = createRequest(
    { messages, tools: [], toolChoice: { type: 'auto' }, stream: false, sampling: {} },
    { dialect: 'anthropic-messages', body: {} },
  );
  const { request, model } = takeSubagentModel(given);
  return { messages: request.messages, isRelayed: request.source !== undefined, ...(model !== undefined && { model }) };
}

const text = (role: Message['role'], ...texts: string[]): Message => ({
  role,
  parts: texts.map((each) => ({ type: 'text', text: each })),
});

describe('takeSubagentModel', () => {
  it.each(['system', 'developer'] as const)('takes the tag out of a %s message', (role) => {
    const result = take(text(role, 'You are Claude Code.', `${tag}\nYou are a writer.`), text('user', 'write'));
    expect(result).toEqual({
      messages: [text(role, 'You are Claude Code.', 'You are a writer.'), text('user', 'write')],
      model: 'glm,glm-4.6',
      isRelayed: false,
    });
  });

  it('removes a message that held nothing but the tag', () => {
    expect(take(text('system', tag), text('user', 'a')).messages).toEqual([text('user', 'a')]);
  });

  it('ignores the tag in what users and tools say', () => {
    const result: Message = {
      role: 'tool',
      parts: [
        { type: 'tool-result', callId: 'c', kind: 'function', isError: false, parts: [{ type: 'text', text: tag }] },
      ],
    };
    const messages = [text('system', 'x'), text('user', tag), text('assistant', tag), result];
    expect(take(...messages)).toEqual({ messages, isRelayed: true });
  });

  it('takes the first of several, and bounds its length', () => {
    const long = `<CCR-SUBAGENT-MODEL>${'x'.repeat(5000)}</CCR-SUBAGENT-MODEL>`;
    expect(take(text('system', `${tag}${long}a`))).toMatchObject({ model: 'glm,glm-4.6' });
    expect(take(text('system', `${long}a`)).model).toHaveLength(200);
  });
});
