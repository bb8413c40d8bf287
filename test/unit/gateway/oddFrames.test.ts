// Frames that are written wrongly, in every wire and for every client: an error's words arrive, and nothing else is lost.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { askWeather, dialectIds, event, streamedText, wiresConfig } from '../../support/callWires.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

async function ask(client: DialectId, provider: DialectId, stream: boolean, body: string, type = 'text/event-stream') {
  const reply = () => replyWith(200, body, { 'content-type': type });
  const bench = createGatewayBench(wiresConfig, () => Promise.resolve(reply()));
  const { done, received } = bench.ask({ dialect: client, body: askWeather(client, provider, stream) });
  await bench.clock.advance(0);
  while (await bench.clock.next());
  await done;
  return { text: received.text, record: bench.records[0] };
}

async function textOf(provider: DialectId, ...pieces: string[]): Promise<string> {
  let text = '';
  for await (const chunk of streamedText(provider, pieces).body) text += Buffer.from(chunk).toString();
  return text;
}

/** The beginning of an answer: some text, and no end. */
const begun: Record<DialectId, string> = {
  'openai-chat': chatChunk({ content: 'Hel' }),
  'openai-responses':
    event('response.output_item.added', { output_index: 0, item: { type: 'message', id: 'm', content: [] } }) +
    event('response.output_text.delta', { output_index: 0, content_index: 0, delta: 'Hel' }),
  'anthropic-messages':
    event('message_start', { message: { id: 'm', content: [] } }) +
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hel' } }),
};

const said = 'the engine died badly';
const errors: [string, string][] = [
  ['bare JSON (toolhive#6085)', `${JSON.stringify({ error: { message: said } })}\n\n`],
  ['bare JSON over several lines', `${JSON.stringify({ error: { message: said } }, undefined, 2)}\n`],
  ['a field named error', `error: {"message":"${said}"}\n\n`],
  ['words without a field', `upstream connect error: ${said}\n\n`],
  ['words in data', `data: Exception: ${said}\n\n`],
  ['text as error (NeoGraph#124)', `data: {"error":"${said}"}\n\n`],
  ['a list', `data: [{"error":{"code":500,"message":"${said}"}}]\n\n`],
  ['`detail`', `data: {"detail":"${said}"}\n\n`],
  ['`success: false`', `data: {"success":false,"msg":"${said}"}\n\n`],
];

describe.each(dialectIds)('a stream of %s', (provider) => {
  describe.each(dialectIds)('for a client of %s', (client) => {
    it.each(errors)('tells an error that is %s', async (_, frame) => {
      for (const stream of [true, false])
        for (const body of [begun[provider] + frame, frame]) {
          const { text, record } = await ask(client, provider, stream, body);
          expect(text).toContain(said);
          expect(record?.error?.message).toContain(said);
        }
    });

    it.each<[string, (text: string) => string]>([
      ['without the line end between two events', (text) => text.replaceAll(/\}\n\n(?=data:)/g, '}')],
      ['with line ends as text', (text) => text.replaceAll(/\}\n\n/g, String.raw`}\n\n` + '\n\n')],
      ['with one line end', (text) => text.replaceAll('\n\n', '\n')],
      ['with carriage returns', (text) => text.replaceAll('\n', '\r')],
      ['with field names in capitals', (text) => text.replaceAll('data:', 'Data:').replaceAll('event:', 'Event:')],
      ['indented', (text) => text.replaceAll('data:', '  data:')],
      ['with its field name twice', (text) => text.replaceAll('data: {', 'data: data: {')],
      ['behind a byte order mark', (text) => `\uFEFF${text}`],
      ['between heartbeats (omnigent#1189)', (text) => text.replaceAll('\n\n', '\n\ndata: ping\n\n: x\n\ndata: null\n\n')],
    ])('reads an answer %s', async (_, change) => {
      const body = change(await textOf(provider, 'Hel', 'lo ', 'you'));
      for (const type of ['text/event-stream', 'application/json', 'TEXT/plain']) {
        const { text, record } = await ask(client, provider, false, body, type);
        expect(record?.error).toBeUndefined();
        expect(text).toContain('"Hello you"');
        const streamed = await ask(client, provider, true, body, type);
        expect(streamed.record?.error).toBeUndefined();
        expect(streamed.text).toContain('"Hello you"');
      }
    }); // prettier-ignore
  });
});
