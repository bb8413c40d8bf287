// Frames that are written wrongly, in every wire and for every client: an error's words arrive, and nothing else is lost.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { askWeather, dialectIds, streamedText, wiresConfig } from '../../support/callWires.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { begun, oddAnswers, oddErrors, said } from '../../support/oddFrames.ts';

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

describe.each(dialectIds)('a stream of %s', (provider) => {
  describe.each(dialectIds)('for a client of %s', (client) => {
    it.each(oddErrors)('tells an error that is %s', async (_, frame) => {
      for (const stream of [true, false])
        for (const body of [begun[provider] + frame, frame]) {
          const { text, record } = await ask(client, provider, stream, body);
          expect(text).toContain(said);
          expect(record?.error?.message).toContain(said);
        }
    });

    it.each(oddAnswers)('reads an answer %s', async (_, change) => {
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
