import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../../src/canonical/editRequest.ts';
import { introduceSummary, lostSummary } from '../../../../src/canonical/compaction.ts';
import type { JsonObject } from '../../../../src/canonical/request.ts';
import { responsesCompact } from '../../../../src/dialects/openaiResponses/compactEndpoint.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { doneItems, emptyRequest, exampleTurn, makeContext, readEvents, writeEvents } from './support.ts';
import { testSealer } from '../../../support/testSealer.ts';

const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Do it.' }] };
const trigger = { type: 'compaction_trigger' };
const own = (text: string): JsonObject => ({
  type: 'compaction',
  id: 'cmp_1',
  encrypted_content: testSealer.seal('summary', text),
});
const foreign = { type: 'compaction', id: 'cmp_2', encrypted_content: 'gAAAAAB' };
const context = makeContext({ request: createRequest({ ...emptyRequest, compaction: true }) });

describe('a request for compaction', () => {
  it('is recognized by its trigger, which is not part of the conversation', () => {
    const request = openaiResponses.readRequest({ input: [user, trigger] }, testSealer);
    expect(request).toMatchObject({ compaction: true, messages: [{ role: 'user' }] });
    expect(request.messages).toHaveLength(1);
    expect(openaiResponses.readRequest({ input: [user] }, testSealer)).not.toHaveProperty('compaction');
  });

  it('is sent with its trigger to a provider that supports it', () => {
    const request = openaiResponses.readRequest({ input: [user, trigger] }, testSealer);
    expect(openaiResponses.writeRequest(request, 'm')['input']).toEqual([user, trigger]);
    expect(openaiResponses.patchSource(request.source?.body ?? {}, request, 'm')['input']).toEqual([user, trigger]);
  });
});

describe('the reply to a request for compaction', () => {
  it('is exactly one item, without any streamed text', () => {
    const frames = writeEvents(exampleTurn, context);
    const [item, ...others] = doneItems(frames);
    expect(others).toEqual([]);
    expect(item).toEqual({
      type: 'compaction',
      id: 'cmp_1',
      encrypted_content: testSealer.seal('summary', 'I will run a command.'),
    });
    const events = readEvents(frames);
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.at(-1)).toMatchObject({
      response: { status: 'completed', output: [item], usage: { input_tokens: 100 } },
    });
  });

  it("is the provider's own item if there is one", () => {
    const block = { type: 'native', dialect: 'openai-responses', json: foreign } as const;
    const [item, ...others] = doneItems(
      writeEvents(
        [
          { type: 'start' },
          { type: 'block-start', index: 0, block: { type: 'reasoning' } },
          { type: 'block-delta', index: 0, text: 'Hm.' },
          { type: 'block-end', index: 0 },
          { type: 'block-start', index: 1, block },
          { type: 'block-end', index: 1 },
          { type: 'finish', reason: 'stop', raw: 'completed' },
        ],
        context,
      ),
    );
    expect(others).toEqual([]);
    expect(item).toEqual(foreign);
  });

  it('is the same for a client that does not stream, even if the summary was cut off', () => {
    const blocks = [
      { type: 'reasoning' as const, text: 'Hm.' },
      { type: 'text' as const, text: 'All is ' },
      { type: 'text' as const, text: 'well' },
    ];
    expect(openaiResponses.writeReply({ blocks, finish: 'length' }, context)).toMatchObject({
      status: 'completed',
      output: [{ type: 'compaction', encrypted_content: testSealer.seal('summary', 'All is well') }],
    });
  });
});

describe('a compaction item in the input', () => {
  it.each(['compaction', 'compaction_summary'])('from CCR (%s) becomes a user message with the summary', (type) => {
    const { messages } = openaiResponses.readRequest({ input: [user, { ...own('All is well.'), type }] }, testSealer);
    expect(messages[1]).toEqual({
      role: 'user',
      parts: [{ type: 'text', text: introduceSummary('All is well.') }],
    });
  });

  it('from CCR that is damaged becomes a note that the summary is missing', () => {
    const item = { ...own('All is well.'), encrypted_content: 'ccr1:AAAA' };
    const { messages } = openaiResponses.readRequest({ input: [user, item] }, testSealer);
    expect(messages[1]?.parts).toEqual([{ type: 'text', text: lostSummary }]);
  });

  it('from a provider stays native, with a note for other providers', () => {
    const { messages } = openaiResponses.readRequest({ input: [user, foreign] }, testSealer);
    expect(messages[1]?.parts).toEqual([
      { type: 'native', dialect: 'openai-responses', json: foreign, textIfUnreadable: lostSummary },
    ]);
  });

  it('is relayed to a provider in a readable form', () => {
    const request = openaiResponses.readRequest({ input: [user, foreign, own('All is well.')] }, testSealer);
    expect(openaiResponses.patchSource(request.source?.body ?? {}, request, 'm')['input']).toEqual([
      user,
      foreign,
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: introduceSummary('All is well.') }] },
    ]);
  });
});

describe('POST /v1/responses/compact', () => {
  it('returns all user messages and one compaction item', () => {
    const assistant = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] };
    const request = responsesCompact.readRequest(
      {
        model: 'm',
        stream: true,
        instructions: 'Be good.',
        input: [user, own('Long ago.'), assistant, { role: 'user', content: 'And now?' }],
      },
      testSealer,
    );
    expect(request).toMatchObject({ compaction: true, stream: false });
    expect(request).not.toHaveProperty('source');
    const reply = { blocks: [{ type: 'text' as const, text: 'All is well.' }], finish: 'stop' as const };
    expect(responsesCompact.writeReply(reply, makeContext({ request }))).toEqual({
      id: 'resp_1',
      object: 'response.compaction',
      created_at: 1_700_000_000,
      output: [
        { id: 'msg_1', ...user, status: 'completed' },
        {
          id: 'msg_2',
          type: 'message',
          status: 'completed',
          role: 'user',
          content: [{ type: 'input_text', text: 'And now?' }],
        },
        { id: 'cmp_1', type: 'compaction', encrypted_content: testSealer.seal('summary', 'All is well.') },
      ],
      usage: expect.objectContaining({ input_tokens: 0, total_tokens: 0 }) as unknown,
    });
  });
});
