import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../../src/canonical/events.ts';
import { frameBlocks } from '../../../../src/canonical/frameBlocks.ts';
import { chain, runStage } from '../../../../src/canonical/stage.ts';
import { streamReader } from '../../../../src/dialects/openaiChat/streamReader.ts';
import { thinkTags } from '../../../../src/reasoning/thinkTags.ts';
import type { SseFrame } from '../../../../src/sse/frame.ts';

type Json = Record<string, unknown>;

function frames(...deltas: Json[]): SseFrame[] {
  const chunks = deltas.map((delta) => ({ choices: [{ index: 0, delta }] }));
  return [...chunks, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }].map((chunk) => ({
    data: JSON.stringify(chunk),
  }));
}

const read = (...deltas: Json[]): Delta[] => runStage((emit) => streamReader(emit), frames(...deltas));
const blocks = (...deltas: Json[]) =>
  runStage(
    chain(
      chain((emit: (delta: Delta) => void) => streamReader(emit), thinkTags()),
      frameBlocks({ newCallId: () => 'c' }),
    ),
    frames(...deltas),
  );

const annotation = { type: 'url_citation', url_citation: { url: 'https://x.test' } };

describe('a chat stream', () => {
  it.each([
    ['pieces of one encoding', ['QUJ', 'D'], 'QUJD'],
    ['pieces that are encoded one by one', ['QQ==', 'Qg=='], 'QUI='],
  ])('joins the sound: %s', (_, data, expected) => {
    const sound = read(...data.map((piece) => ({ audio: { id: 'a', data: piece, transcript: 'Hi ' } }))).find(
      ({ type }) => type === 'media',
    );
    expect(sound).toMatchObject({
      media: { transcript: 'Hi Hi ', own: { json: { id: 'a', data: expected, transcript: 'Hi Hi ' } } },
    });
  });

  it('emits an image that is repeated once', () => {
    const images = [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }];
    expect(read({ images }, { images }).filter(({ type }) => type === 'media')).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ['an address alone', 'https://x.test/a.png', 'https://x.test/a.png'],
    ['an object with an address', { url: 'https://x.test/a.png' }, 'https://x.test/a.png'],
    ['bytes', { b64_json: 'iVBORw0KGgo=' }, 'data:image/png;base64,iVBORw0KGgo='],
  ])('reads an image that is %s', (_, image, url) => {
    expect(read({ images: [image] }).find(({ type }) => type === 'media')).toMatchObject({
      media: { kind: 'image', url, own: { json: { type: 'image_url', image_url: { url } } } },
    });
  });

  it('emits what it refers to after text that a stage holds back', () => {
    const events = blocks({ content: '<thi', annotations: [annotation] });
    expect(events.map((event) => event.type)).toEqual(['start', 'block-start', 'block-delta', 'block-end', 'finish']);
    expect(events[3]).toMatchObject({ citations: { items: [annotation], links: [{ url: 'https://x.test' }] } });
  });

  it('gives citations a text of their own if the text is over', () => {
    const events = blocks({ content: 'Hi' }, { reasoning_content: 'Hm' }, { annotations: [annotation] });
    expect(events.filter((event) => event.type === 'block-end' && event.citations)).toHaveLength(1);
    expect(events.filter((event) => event.type === 'block-start')).toHaveLength(3);
  });

  it('keeps probabilities with the text that they are of, which tags may delay', () => {
    const events = runStage(
      chain(
        chain((emit: (delta: Delta) => void) => streamReader(emit), thinkTags()),
        frameBlocks({ newCallId: () => 'c' }),
      ),
      [
        ...['<think>Hm</think>', 'Hi'].map((content) => {
          const choice = { index: 0, delta: { content }, logprobs: { content: [{ token: content }] } };
          return { data: JSON.stringify({ choices: [choice] }) };
        }),
        ...frames(),
      ],
    );
    const logprobs = events.filter((event) => event.type === 'logprobs');
    expect(logprobs.flatMap(({ tokens }) => tokens)).toEqual([{ token: '<think>Hm</think>' }, { token: 'Hi' }]);
    expect(new Set(logprobs.map(({ index }) => index))).toEqual(new Set([1]));
  });
});
