import { describe, expect, it } from 'vitest';
import { collectReply } from '../../../../src/canonical/collectReply.ts';
import type { Delta, Reply } from '../../../../src/canonical/events.ts';
import { frameBlocks } from '../../../../src/canonical/frameBlocks.ts';
import { runStage } from '../../../../src/canonical/stage.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { exampleTurn, makeContext, readEvents, writeEvents } from './support.ts';

function collect(deltas: Delta[]): Reply {
  const reply = collectReply();
  for (const event of runStage(frameBlocks({ newCallId: () => 'call_new' }), deltas)) reply.push(event);
  return reply.reply();
}

function exampleReply(): Reply {
  const reply = collectReply();
  for (const event of exampleTurn) reply.push(event);
  return reply.reply();
}

describe('writeReply', () => {
  it('writes the response that a stream ends with', () => {
    const last = readEvents(writeEvents(exampleTurn)).at(-1);
    expect(openaiResponses.writeReply(exampleReply(), makeContext())).toEqual(last?.['response']);
  });

  it('omits native blocks of other dialects', () => {
    const reply: Reply = {
      blocks: [{ type: 'native', dialect: 'anthropic-messages', json: { type: 'x' }, text: '' }],
      finish: 'stop',
    };
    expect(openaiResponses.writeReply(reply, makeContext())).toMatchObject({
      output: [],
      usage: null,
      status: 'completed',
    });
  });

  it('is incomplete after a length stop, except for Codex', () => {
    const reply: Reply = { blocks: [{ type: 'text', text: 'Half' }], finish: 'length' };
    expect(openaiResponses.writeReply(reply, makeContext())).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
    expect(openaiResponses.writeReply(reply, makeContext({ client: 'codex' }))).toMatchObject({ status: 'completed' });
  });
});

describe('readReply', () => {
  it('reads back what it wrote', () => {
    const written = openaiResponses.writeReply(exampleReply(), makeContext());
    expect(collect(openaiResponses.readReply(written))).toEqual(exampleReply());
  });

  it('ends in usage, finish and done', () => {
    const body = {
      id: 'resp_9',
      model: 'm',
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }],
      usage: { input_tokens: 1, output_tokens: 2 },
    };
    expect(openaiResponses.readReply(body)).toEqual([
      { type: 'start', id: 'resp_9', model: 'm' },
      { type: 'text-delta', key: '0.0', text: 'Hi' },
      { type: 'block-end', key: '0.0' },
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
      { type: 'finish', reason: 'length', raw: 'max_output_tokens' },
      { type: 'done' },
    ]);
  });

  it.each([
    [{ error: { message: 'Nope.', type: 'invalid_request_error' } }, 'invalid-request', /Nope/],
    [
      { id: 'r', object: 'response', status: 'failed', output: [], error: { code: 'server_error', message: 'Boom.' } },
      'upstream',
      /Boom/,
    ],
    [{ id: 'r', object: 'response', status: 'failed', output: [], error: null }, 'upstream', /failed/],
    [{ choices: [] }, 'protocol', /not a response/],
    ['<html>', 'protocol', /not a response/],
    [null, 'protocol', /not a response/],
  ])('reads the error of %j', (body, kind, text) => {
    const last = openaiResponses.readReply(body).at(-1);
    if (last?.type !== 'error') throw new Error('expected an error');
    expect(last.error.kind).toBe(kind);
    expect(last.error.message).toMatch(text);
  });

  it('treats an empty error as none', () => {
    const body = { object: 'response', status: 'completed', error: {}, output: [] };
    expect(openaiResponses.readReply(body).map(({ type }) => type)).toEqual(['start', 'finish', 'done']);
  });
});
