import { describe, expect, test } from 'vitest';
import { createGatewayBench, createOpenStream } from '../../support/gatewayBench.ts';
import type { Answer, MatrixClient } from './answer.ts';
import { protocols, type Protocol } from './cases.ts';
import { clients, createPath, providerFor, type Arrival, type ProviderConfig } from './paths.ts';
import { responsesClient } from './responsesClient.ts';
import { everyNth } from './sampling.ts';
import { framesSaying, replySaying } from './saying.ts';

// Tags around thinking, for every protocol and client: the client sees the same however the tags are cut into pieces.

type Said = { reasoning: string; text: string };
/** `row` and `column` are the places of protocol and client in their lists. */
type Way = { name: string; protocol: Protocol; client: MatrixClient; row: number; column: number };

const ways: Way[] = protocols.flatMap((protocol, row) =>
  clients.map((client, column) => ({ name: `${client.dialect} from ${protocol}`, protocol, client, row, column })),
);

/** A provider whose text is searched for tags; on Responses and Messages that needs `transformer.use`. */
function providerOf({ protocol, client }: Way, options: object): ProviderConfig {
  const provider = providerFor({ client, protocol, relayed: false });
  return { ...provider, transformer: { use: [['thinktag', options]] } };
}

/** Sends answers to the client of `way`, one after the other, and returns what it understands of each. */
function listen(way: Way, options: object = {}): (arrival: Arrival, stream?: boolean) => Promise<Said> {
  const path = createPath(providerOf(way, options));
  return async (arrival, stream = true) => {
    const { text } = await path.ask(way.client, way.client.ask({}, stream), arrival);
    const answer: Answer = stream ? way.client.readStream(text) : way.client.readWhole(text);
    return { reasoning: answer.reasoning, text: answer.text };
  };
}

/**
 * The pieces of `text`, cut in two at each place, and into single characters. One client also gets it in three, with both
 * cuts anywhere within each of `regions`; one is enough, because tags are removed before the client's dialect matters.
 * A sample has a ninth of them, another one for each protocol and client: over the run, each cut in two is tried, and each protocol
 * and client gets some.
 */
function cutsOf(
  text: string,
  { client, row, column }: Way,
  ...regions: [start: number, end: number][]
): readonly string[][] {
  const cuts = [[...text], ...Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)])];
  for (const [start, end] of client === responsesClient ? regions : [])
    for (let first = start; first < end; first++)
      for (let second = first + 1; second <= end; second++)
        cuts.push([text.slice(0, first), text.slice(first, second), text.slice(second)]);
  const step = Math.min(protocols.length * clients.length, cuts.length);
  return everyNth(cuts, step, row * clients.length + column);
}

const tags = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['◁think▷', '◁/think▷'],
  ['<thought>', '</thought>'],
  ['<seed:think>', '</seed:think>'],
  ['<mm:think>', '</mm:think>'],
  ['[THINK]', '[/THINK]'],
] as const;

const why = '1 < 漢';
const answer = 'so <think>';

describe.each(ways)('$name', (way) => {
  const { protocol } = way;

  test.each(tags)('%s split anywhere', async (open, close) => {
    const hear = listen(way);
    const text = `${open}${why}${close}\n\n${answer}`;
    const closing = text.indexOf(close);
    const cuts = cutsOf(text, way, [0, open.length + 1], [closing - 1, closing + close.length + 1]);
    for (const pieces of cuts) {
      const frames = framesSaying(protocol, pieces);
      expect(await hear({ form: 'sse', pieces: frames }), JSON.stringify(pieces)).toEqual({
        reasoning: why,
        text: answer,
      });
    }
    for (const stream of [true, false])
      expect(await hear({ form: 'json', pieces: [replySaying(protocol, text)] }, stream)).toEqual({
        reasoning: why,
        text: answer,
      });
  });

  test('a closing tag alone, split anywhere, where the host leaves out the opening one', async () => {
    const hear = listen(way, { implied_opener: true });
    for (const [, close] of tags) {
      const text = `${why}${close}${answer}`;
      const closing = why.length;
      const cuts = cutsOf(text, way, [closing - 1, closing + close.length + 1]);
      for (const pieces of cuts)
        expect(await hear({ form: 'sse', pieces: framesSaying(protocol, pieces) }), JSON.stringify(pieces)).toEqual({
          reasoning: why,
          text: answer,
        });
      expect(await hear({ form: 'json', pieces: [replySaying(protocol, text)] }, false)).toEqual({
        reasoning: why,
        text: answer,
      });
    }
  });

  test('where no closing tag comes, the text is the answer after all', async () => {
    const hear = listen(way, { implied_opener: true });
    const text = 'It is 4, and </thi';
    for (const pieces of cutsOf(text, way, [12, text.length]))
      expect((await hear({ form: 'sse', pieces: framesSaying(protocol, pieces) })).text).toBe(text);
    for (const stream of [true, false])
      expect((await hear({ form: 'json', pieces: [replySaying(protocol, text)] }, stream)).text).toBe(text);
  });

  test.each([
    '<thinker>no</thinker>',
    '< think>no</think>',
    '<Think>no</Think>',
    '<th',
    '◁',
    '[THIN',
    '[1](#one) of [THINK]',
    ' \n <think',
    'Write ```<think>\n</think>``` so.',
    '`<think>why</think>`',
  ])('%j is text', async (text) => {
    const hear = listen(way);
    for (const pieces of cutsOf(text, way, [0, Math.min(8, text.length)]))
      expect(await hear({ form: 'sse', pieces: framesSaying(protocol, pieces) }), JSON.stringify(pieces)).toEqual({
        reasoning: '',
        text,
      });
    for (const stream of [true, false])
      expect(await hear({ form: 'json', pieces: [replySaying(protocol, text)] }, stream)).toEqual({
        reasoning: '',
        text,
      });
  });

  test('a thought in the middle of the text of an unknown provider, split anywhere', async () => {
    const provider = { ...providerFor({ client: way.client, protocol, relayed: false }), transformer: {} };
    const path = createPath(provider);
    const hear = async (arrival: Arrival, stream: boolean): Promise<Said> => {
      const { text } = await path.ask(way.client, way.client.ask({}, stream), arrival);
      const read = stream ? way.client.readStream(text) : way.client.readWhole(text);
      return { reasoning: read.reasoning, text: read.text };
    };
    const text = 'One.\n\n<think>\nIs 1 < 漢?\n</think>\n\nTwo.';
    const said = { reasoning: 'Is 1 < 漢?', text: 'One.\n\nTwo.' };
    for (const pieces of cutsOf(text, way))
      expect(await hear({ form: 'sse', pieces: framesSaying(protocol, pieces) }, true), JSON.stringify(pieces)).toEqual(
        said,
      );
    const talk = 'Use `<think>`.\n\n<think>\nSo.\nAnd so.\n</think>';
    for (const stream of [true, false]) {
      expect(await hear({ form: 'json', pieces: [replySaying(protocol, text)] }, stream)).toEqual(said);
      expect((await hear({ form: 'json', pieces: [replySaying(protocol, talk)] }, stream)).text).toBe(talk);
    }
  });

  test('neither plain text nor thinking is held until the next frame', async () => {
    const provider = { ...providerOf(way, {}), api_key: 'some-key', models: ['some-model'] };
    const stream = createOpenStream();
    const bench = createGatewayBench({ Providers: [provider], Router: { default: 'some,some-model' } }, (call) =>
      Promise.resolve(stream.reply(call)),
    );
    const { done, received } = bench.ask({ dialect: way.client.dialect, body: way.client.ask({}, true) });
    const pieces = ['<think>', 'I think', ' on.</', 'think>', 'Hello', ' <you', ' there.'];
    const seen: string[] = [];
    for (const frame of framesSaying(protocol, pieces)) {
      stream.send(frame);
      // The stages run in microtasks, which finish before setImmediate.
      await new Promise((resolve) => setImmediate(resolve));
      const index = pieces.findIndex((piece) => frame.includes(JSON.stringify(piece)));
      const shown = (pieces[index] ?? '').replace('</', '');
      if (index !== -1 && !['<think>', 'think>'].includes(shown) && received.text.includes(shown)) seen.push(shown);
    }
    stream.end();
    await done;
    expect(seen).toEqual(['I think', ' on.', 'Hello', ' <you', ' there.']);
  });
});

test.each(ways.filter(({ client }) => client === responsesClient))('$name, bytes cut anywhere', async (way) => {
  const hear = listen(way);
  const stream = Buffer.from(framesSaying(way.protocol, ['◁think▷漢◁/think▷字', '.']).join(''));
  const last = stream.indexOf('字') + 3;
  for (let at = stream.indexOf('◁'); at <= last; at++)
    expect(await hear({ form: 'sse', pieces: [stream.subarray(0, at), stream.subarray(at)] }), String(at)).toEqual({
      reasoning: '漢',
      text: '字.',
    });
});
