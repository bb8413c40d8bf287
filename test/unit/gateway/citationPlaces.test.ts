// Citations of a text from which a thought or a call was taken: they stay at what they are of.
import { describe, expect, it } from 'vitest';
import { askProfile } from '../../support/askProfile.ts';
import { chatChunk, replyWith } from '../../support/gatewayBench.ts';
import type { ProviderProfile } from '../../support/providerProfiles.ts';
import { clients } from '../matrix/paths.ts';

const some: ProviderProfile = { name: 'some', wire: 'openai-chat', baseUrl: 'http://some.test/v1', model: 'm' };
const call = '<tool_call>\n{"name": "get_weather", "arguments": {"city":"Paris"}}\n</tool_call>';

/** The places that the client got, streamed or whole, in either of OpenAI's APIs. */
function placesIn(text: string): [number, number][] {
  const found = [...text.matchAll(/"start_index":(\d+),"end_index":(\d+)/g)];
  return [...new Set(found.map(([, start, end]) => `${start},${end}`))].map((place) => {
    const [start = 0, end = 0] = place.split(',').map(Number);
    return [start, end];
  });
}

const asks = clients
  .filter(({ dialect }) => dialect !== 'anthropic-messages')
  .flatMap((client) => [true, false].map((stream) => ({ client, stream })));

describe.each(asks)('for a client of $client.dialect, streamed: $stream', (ask) => {
  it.each([
    ['a thought in front', `<think>Let me see.</think>It is Paris.`, 'It is Paris.'],
    ['nothing taken out', 'It is Paris.', 'It is Paris.'],
    ['a call behind', `It is Paris.${call}`, 'It is Paris.'],
  ])('%s', async (_, content, left) => {
    const cited = 'Paris';
    const start = content.indexOf(cited);
    const url_citation = { url: 'https://a.test', title: 'A', start_index: start, end_index: start + cited.length };
    const annotations = [{ type: 'url_citation', url_citation }];
    const body = [...(content.match(/.{1,4}/gs) ?? [])].map((piece) => chatChunk({ content: piece })).join('');
    const streamed = `${body}${chatChunk({ annotations })}${chatChunk({}, 'stop')}data: [DONE]\n\n`;
    const message = { role: 'assistant', content, annotations };
    const whole = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] }; // prettier-ignore
    for (const reply of [streamed, whole]) {
      const { text, received } = await askProfile({ ...ask, profile: some, reply: () => replyWith(200, reply) });
      expect(text).toBe(left);
      expect(placesIn(received.text)).toEqual([[left.indexOf(cited), left.indexOf(cited) + cited.length]]);
    }
  });
});
