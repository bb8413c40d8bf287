import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { dialectIds } from '../../support/callWires.ts';
import { createGatewayBench, createOpenStream } from '../../support/gatewayBench.ts';
import { writeWireAnswer } from '../../support/wireAnswers.ts';

/** In forms that `JSON.stringify` does not use, but any JSON may. */
const foreign = String.raw`caf\u00e9 \/ \ud83d\ude00 \"q\"\n`.repeat(30);
const read = String(JSON.parse(`"${foreign}"`));

/** By this one the gateway learns where the text of an event is. */
const begun = 'The first piece. ';

const protocols = {
  'openai-chat': 'openai',
  'openai-responses': 'responses',
  'anthropic-messages': 'anthropic',
} as const;

/** A stream whose text consists of these pieces, as JSON writes them: an event each. */
function streamOf(wire: DialectId, pieces: readonly string[]): string {
  const place = 'The place of the text.';
  const frames = String(writeWireAnswer(wire, true, { text: place })).split(/(?<=\n\n)/);
  const isDelta = (frame: string): boolean => /"delta":\{?[^}]*The place/.test(frame);
  return frames
    .flatMap((frame) => (isDelta(frame) ? pieces.map((piece) => frame.replace(place, () => piece)) : [frame]))
    .map((frame) => frame.replaceAll(place, () => pieces.join('')))
    .join('');
}

const bodies = {
  'openai-chat': { messages: [{ role: 'user', content: 'Hello' }] },
  'openai-responses': { input: 'Hello' },
  'anthropic-messages': { max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] },
};

/** What a client of a dialect gets from a provider that sends these pieces at once. */
async function receive(dialect: DialectId, wire: DialectId, pieces: readonly string[]): Promise<string> {
  const provider = { name: 'some', api_base_url: 'http://some.test/v1', models: ['m'], protocol: protocols[wire] };
  const stream = createOpenStream();
  const config = { Providers: [provider], Router: { default: 'some,m' } };
  const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
  const { done, received } = bench.ask({ dialect, body: { model: 'm', stream: true, ...bodies[dialect] } });
  const text = streamOf(wire, pieces);
  const end = text.lastIndexOf('\n\n', text.indexOf('caf')) + 2;
  stream.send(text.slice(0, end));
  await bench.clock.advance(1);
  stream.send(text.slice(end));
  stream.end();
  await done;
  return received.text;
}

/** The text and the thinking in the deltas of a stream. */
function saidIn(stream: string): { text: string; thinking: string } {
  const said = { text: '', thinking: '' };
  for (const [, data = ''] of stream.matchAll(/^data: (\{.*)$/gm)) {
    const { type, delta, choices } = JSON.parse(data) as Event;
    const given = choices?.[0]?.delta ?? (typeof delta === 'object' ? delta : {});
    said.text += given.content ?? given.text ?? (type === 'response.output_text.delta' ? String(delta) : '');
    said.thinking += given.reasoning_content ?? given.thinking ?? '';
    if (type === 'response.reasoning_text.delta') said.thinking += String(delta);
  }
  return said;
}

type Said = { content?: string; text?: string; reasoning_content?: string; thinking?: string };
type Event = { type?: string; delta?: string | Said; choices?: { delta?: Said }[] };

const pairs = dialectIds.flatMap((dialect) =>
  dialectIds.filter((wire) => wire !== dialect).map((wire) => [dialect, wire] as const),
);

describe.each(pairs)('%s over %s', (dialect, wire) => {
  it('gets long texts as the provider has written them', async () => {
    const received = await receive(dialect, wire, [begun, begun, foreign, foreign, foreign]);
    expect(saidIn(received).text).toBe(begun.repeat(2) + read.repeat(3));
    expect(received.replaceAll(String.raw`caf\u00e9`, '')).not.toMatch(/caf|é/);
  });

  it('gets what is left of a text that was changed', async () => {
    const pieces = [`<think>${begun}`, begun, foreign, `${foreign}</think>${foreign}`, foreign, foreign];
    const received = await receive(dialect, wire, pieces);
    expect(saidIn(received)).toEqual({ text: read.repeat(3), thinking: begun.repeat(2) + read.repeat(2) });
  });
});
