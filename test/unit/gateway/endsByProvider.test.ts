// Ends, encodings, labels and frames of answers, as kinds of faults at real providers: docs/reference/wire-kinds.md, 1 to 4.
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import type { UpstreamReply } from '../../../src/gateway/upstream.ts';
import { askProfile, type Asking } from '../../support/askProfile.ts';
import { event, streamedText } from '../../support/callWires.ts';
import { chatChunk, replyWith } from '../../support/gatewayBench.ts';
import { begun, oddAnswers, oddErrors, said } from '../../support/oddFrames.ts';
import { relaysFrames } from '../../support/providerProfiles.ts';
import { sampleOf, type Ask } from '../../support/profileSample.ts';
import { wholeTextReply } from '../../support/wholeReplies.ts';

async function textOf({ body }: UpstreamReply): Promise<string> {
  let text = '';
  for await (const chunk of body) text += Buffer.from(chunk).toString();
  return text;
}

/** Pieces of a stream, with a wait before each. Milliseconds. */
function slowly(pieces: readonly string[], waitMs: number): Asking['reply'] {
  return (_, wait) => {
    async function* body(): AsyncGenerator<Uint8Array> {
      for (const piece of pieces) {
        await wait(waitMs);
        yield Buffer.from(piece);
      }
    }
    return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: body() };
  };
}

const done = 'data: [DONE]\n\n';
const counts = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n';
const delta = (text: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
const start =
  event('message_start', {
    message: { id: 'm', type: 'message', role: 'assistant', model: 'x', content: [], stop_reason: null },
  }) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const stop = event('content_block_stop', { index: 0 });
const end = (reason: string | null) => event('message_delta', { delta: { stop_reason: reason } });
const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
const added = event('response.output_item.added', { output_index: 0, item });
const outputText = (text: string) =>
  event('response.output_text.delta', { output_index: 0, content_index: 0, delta: text });
const ended = (status: string, more: object = {}) =>
  event(`response.${status}`, { response: { id: 'resp_1', status, output: [], ...more } });
const wholeItem = { ...item, content: [{ type: 'output_text', text: 'Hello you' }] };

/** Streams of "Hello you" whose end is written oddly. */
const complete: Record<DialectId, [string, string[]][]> = {
  'openai-chat': [
    ['a finish on every chunk', [chatChunk({ content: 'Hel' }, 'stop'), chatChunk({ content: 'lo ' }, 'stop'), chatChunk({ content: 'you' }, 'stop'), done]],
    ['the text "null" on every chunk', [chatChunk({ content: 'Hel' }, 'null'), chatChunk({ content: 'lo you' }, 'null'), chatChunk({}, 'stop'), done]],
    ['an empty finish on every chunk', [chatChunk({ content: 'Hel' }, ''), chatChunk({ content: 'lo you' }, ''), chatChunk({}, 'stop'), done]],
    ['text behind the finish', [chatChunk({ content: 'Hel' }), chatChunk({}, 'stop'), chatChunk({ content: 'lo you' }), done]],
    ['a finish in the last piece, and no end', [chatChunk({ content: 'Hel' }), chatChunk({ content: 'lo you' }, 'stop')]],
    ['usage behind the finish', [chatChunk({ content: 'Hello you' }), chatChunk({}, 'stop'), counts, done]],
    ['usage at the end, without a finish (hermes-agent#100515)', [chatChunk({ content: 'Hel' }), chatChunk({ content: 'lo you' }), counts]],
    ['an end without a finish', [chatChunk({ content: 'Hel' }), chatChunk({ content: 'lo you' }), done]],
  ],
  'anthropic-messages': [
    ['a stop reason before the last text', [start, delta('Hello '), end('end_turn'), delta('you'), stop, end('end_turn'), event('message_stop', {})]],
    ['a stop reason of null first', [start, delta('Hel'), end(null), delta('lo you'), stop, end('end_turn'), event('message_stop', {})]],
    ['the stop reason "null" first', [start, delta('Hel'), end('null'), delta('lo you'), stop, end('end_turn'), event('message_stop', {})]],
    ['no message_stop', [start, delta('Hel'), delta('lo you'), stop, end('end_turn')]],
    ['no end of the block', [start, delta('Hel'), delta('lo you'), end('end_turn'), event('message_stop', {})]],
    ['[DONE] at the end', [start, delta('Hel'), delta('lo you'), stop, end('end_turn'), event('message_stop', {}), done]],
  ],
  'openai-responses': [
    ['text only in the item', [added, event('response.output_item.done', { output_index: 0, item: wholeItem }), ended('completed')]],
    ['text only in the response', [ended('completed', { output: [wholeItem] })]],
    ['a part of the text only in the response', [added, outputText('Hello '), ended('completed', { output: [wholeItem] })]],
    ['[DONE] at the end', [added, outputText('Hello you'), event('response.output_item.done', { output_index: 0, item: wholeItem }), ended('completed', { output: [wholeItem] }), done]],
    ['[DONE] behind the item alone', [added, outputText('Hello you'), event('response.output_item.done', { output_index: 0, item: wholeItem }), done]],
    ['[DONE] behind the text alone', [added, outputText('Hello you'), event('response.output_text.done', { output_index: 0, content_index: 0, text: 'Hello you' }), done]],
  ],
}; // prettier-ignore

/** Streams of "Hello " that end too early. */
const cut: Record<DialectId, [string, string[]][]> = {
  'openai-chat': [
    ['after a piece', [chatChunk({ content: 'Hello ' })]],
    ['within a frame', [chatChunk({ content: 'Hello ' }), chatChunk({ content: 'you' }).slice(0, 50)]],
    ['after a "null" finish', [chatChunk({ content: 'Hello ' }, 'null')]],
    ['after counts that come in between', [chatChunk({ content: 'Hel' }), counts, chatChunk({ content: 'lo ' }), counts]],
    ['with [DONE] in the arguments of a call', [chatChunk({ content: 'Hello ' }), chatChunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'get_weather', arguments: '{"city":"Pa' } }] }), done]],
  ],
  'anthropic-messages': [
    ['after a piece', [start, delta('Hello ')]],
    ['within a frame', [start, delta('Hello '), delta('you').slice(0, 60)]],
    ['after the block', [start, delta('Hello '), stop]],
    ['with [DONE] in a block', [start, delta('Hello '), done]],
    ['after a stop reason of null', [start, delta('Hello '), stop, end(null)]],
  ],
  'openai-responses': [
    ['after a piece', [added, outputText('Hello ')]],
    ['within a frame', [added, outputText('Hello '), outputText('you').slice(0, 60)]],
    ['after the item', [added, outputText('Hello '), event('response.output_item.done', { output_index: 0, item })]],
    ['with [DONE] (9router#1648)', [added, outputText('Hello '), done]],
  ],
}; // prettier-ignore

const length: Record<DialectId, string> = {
  'openai-chat': chatChunk({ content: 'Hello ' }) + chatChunk({}, 'length') + done,
  'anthropic-messages': start + delta('Hello ') + stop + end('max_tokens') + event('message_stop', {}),
  'openai-responses':
    added + outputText('Hello ') + ended('incomplete', { incomplete_details: { reason: 'max_output_tokens' } }),
};

const limits: Record<DialectId, RegExp> = {
  'openai-chat': /"finish_reason":"length"/,
  'openai-responses': /"incomplete_details":\{"reason":"max_output_tokens"\}/,
  'anthropic-messages': /"stop_reason":"max_tokens"/,
};

const stream =
  (text: string): Asking['reply'] =>
  () =>
    replyWith(200, text);

function eachForm<Form>(forms: Record<DialectId, [string, Form][]>): [string, Form, DialectId, number][] {
  return Object.entries(forms).flatMap(([wire, list]) =>
    list.map(([name, form], index): [string, Form, DialectId, number] => [`${wire}, ${name}`, form, wire as DialectId, index]),
  );
} // prettier-ignore

/** Makers' own streams are passed on as they came, so only what they mean can be compared, and only of well-written ones. */
const isRewritten = ({ profile, client, stream: streamed }: Ask): boolean =>
  !streamed || client.dialect !== profile.wire || !relaysFrames(profile);

describe('1. the end of an answer', () => {
  it.each(eachForm(complete))('%s: all of it arrives', async (_, pieces, wire, turn) => {
    for (const ask of sampleOf(turn, [wire]).filter((each) => wire !== 'openai-responses' || isRewritten(each)))
      for (const waitMs of [0, 600]) {
        const { text, error } = await askProfile({ ...ask, reply: slowly(pieces, waitMs) });
        expect([ask, text.replace(/\s+/, ' '), error]).toEqual([ask, 'Hello you', undefined]);
      }
  });

  it.each(eachForm(cut))('%s: a cut is an error', async (_, pieces, wire, turn) => {
    for (const ask of sampleOf(turn, [wire])) {
      const { text, error } = await askProfile({ ...ask, reply: slowly(pieces, 0) });
      expect([ask, error]).toEqual([ask, expect.any(String)]);
      if (ask.stream) expect([ask, text]).toEqual([ask, 'Hello ']);
    }
  });

  it('thoughts and [DONE], without a finish, end in an error (CLIProxyAPI#4904)', async () => {
    for (const ask of sampleOf(1, ['openai-chat'])) {
      const { error } = await askProfile({ ...ask, reply: stream(chatChunk({ reasoning_content: 'Now' }) + done) });
      expect([ask, error]).toEqual([ask, expect.stringContaining('ended the stream in its thoughts')]);
    }
  });

  it.each(eachForm(Object.fromEntries(Object.entries(length).map(([wire, text]) => [wire, [['length', text]]])) as Record<DialectId, [string, string][]>))('%s: a limit stays one', async (_, text, wire) => {
    for (let turn = 0; turn < 3; turn++)
      for (const ask of sampleOf(turn, [wire])) {
        const { received } = await askProfile({ ...ask, reply: stream(text) });
        expect(received.text).toMatch(limits[ask.client.dialect]);
      }
  }); // prettier-ignore
});

const compress: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};

function packed(text: string, encoding: string, type: string, status = 200): UpstreamReply {
  const bytes = compress[encoding]?.(Buffer.from(text)) ?? Buffer.from(text);
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
  }
  return { status, headers: { 'content-type': type, 'content-encoding': encoding }, body: body() };
}

describe.each(Object.keys(compress).map((name, turn) => [name, turn] as const))('2. a reply in %s', (encoding, turn) => {
  it('is read, streamed, whole and as an error', async () => {
    for (const ask of sampleOf(turn)) {
      const { wire } = ask.profile;
      const streamed = await textOf(streamedText(wire, ['Hel', 'lo ', 'you']));
      const whole = JSON.stringify(wholeTextReply(wire, 'Hello you'));
      for (const [text, type] of [[streamed, 'text/event-stream'], [whole, 'application/json']] as const) {
        const answer = await askProfile({ ...ask, reply: () => packed(text, encoding, type) });
        expect([ask, answer.text, answer.error]).toEqual([ask, 'Hello you', undefined]);
      }
      const error = JSON.stringify({ error: { message: said } });
      const { status, error: told } = await askProfile({ ...ask, reply: () => packed(error, encoding, 'application/json', 400) });
      expect([ask, status, told]).toEqual([ask, 400, expect.stringContaining(said)]);
    }
  });

  it('is asked for', async () => {
    for (const ask of sampleOf(turn)) {
      let asked: unknown;
      await askProfile({ ...ask, reply: ({ headers }) => {
        asked = headers['accept-encoding'];
        return replyWith(400, {});
      } });
      expect(String(asked)).toContain(encoding);
    }
  });
}); // prettier-ignore

const types = [
  'text/event-stream',
  'application/json',
  'Application/JSON; charset=UTF-8',
  'text/plain',
  'text/html',
  '',
  'application/x-ndjson',
];

describe.each(types.map((type, turn) => [type, turn] as const))('3. labelled %j', (type, turn) => {
  it('a stream and a whole reply are what they are', async () => {
    for (const ask of sampleOf(turn)) {
      const { wire } = ask.profile;
      const headers = { 'content-type': type };
      const streamed = await textOf(streamedText(wire, ['Hel', 'lo ', 'you']));
      for (const body of [streamed, `\uFEFF${streamed}`, `\n\n${streamed}`]) {
        const { text, error } = await askProfile({ ...ask, reply: () => replyWith(200, body, headers) });
        expect([ask, text, error]).toEqual([ask, 'Hello you', undefined]);
      }
      const json = JSON.stringify(wholeTextReply(wire, 'Hello you'));
      for (const body of [json, `\uFEFF${json}`, `  \n${json}\n`]) {
        const { text, error } = await askProfile({ ...ask, reply: () => replyWith(200, body, headers) });
        expect([ask, text, error]).toEqual([ask, 'Hello you', undefined]);
      }
    }
  });
}); // prettier-ignore

describe('4. frames', () => {
  it.each(oddErrors.map((form, turn) => [...form, turn] as const))('an error as %s has its words', async (_, frame, turn) => {
    for (const ask of sampleOf(turn))
      for (const body of [begun[ask.profile.wire] + frame, frame]) {
        const { error, record } = await askProfile({ ...ask, reply: stream(body) });
        expect([ask, error]).toEqual([ask, expect.stringContaining(said)]);
        expect(record.error?.message).toContain(said);
      }
  }); // prettier-ignore

  it.each(oddAnswers.map((form, turn) => [...form, turn] as const))('an answer %s is read', async (_, change, turn) => {
    for (const ask of sampleOf(turn).filter(isRewritten)) {
      const body = change(await textOf(streamedText(ask.profile.wire, ['Hel', 'lo ', 'you'])));
      const { text, error } = await askProfile({ ...ask, reply: stream(body) });
      expect([ask, text, error]).toEqual([ask, 'Hello you', undefined]);
    }
  }); // prettier-ignore
});
