// Valid recorded replies, with frames left out, repeated, exchanged, cut off or of another type, at each real provider: an answer
// or an error in the client's dialect, never an exception, never without an end, and never cut off but complete.
import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askProfile, type Asking, type Understood } from '../../support/askProfile.ts';
import { dialectIds } from '../../support/callWires.ts';
import { replyWith } from '../../support/gatewayBench.ts';
import { providerProfiles, relaysFrames } from '../../support/providerProfiles.ts';
import { TheirFault } from '../matrix/answer.ts';
import { cases, framesOf, readFixture, type Protocol } from '../matrix/cases.ts';
import { clients } from '../matrix/paths.ts';
import { runsOf } from '../matrix/sampling.ts';

/** PROPERTY_SEED and PROPERTY_TIMES, for another or a longer search. */
const seed = Number(process.env['PROPERTY_SEED'] ?? 9);
const times = Number(process.env['PROPERTY_TIMES'] ?? 1);

const folder = new URL('../../fixtures/providers/', import.meta.url);
const recorded = readdirSync(folder).filter((name) => name.endsWith('.sse'));

function wireOf(name: string): Protocol {
  if (name.startsWith('anthropic')) return 'anthropic-messages';
  return name.startsWith('responses') ? 'openai-responses' : 'openai-chat';
}

function streamsOf(wire: Protocol): string[][] {
  const own = recorded.filter((name) => wireOf(name) === wire).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  return [...cases.map(({ name }) => readFixture(name, wire, 'sse')), ...own].map(framesOf);
} // prettier-ignore

type Edit = { kind: 'drop' | 'repeat' | 'exchange' | 'cut' | 'retype' | 'halve'; at: number; word: string };

const edits = fc.array(
  fc.record<Edit>({
    kind: fc.constantFrom('drop', 'repeat', 'exchange', 'cut', 'retype', 'halve'),
    at: fc.nat(200),
    word: fc.constantFrom(
      'error',
      'message_stop',
      'response.completed',
      'content_block_start',
      'stop',
      'tool_use',
      'x',
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

function edited(frames: readonly string[], { kind, at, word }: Edit): string[] {
  if (frames.length === 0) return [];
  const place = at % frames.length;
  const [before, frame = '', after] = [frames.slice(0, place), frames[place], frames.slice(place + 1)];
  switch (kind) {
    case 'drop':
      return [...before, ...after];
    case 'repeat':
      return [...before, frame, frame, ...after];
    case 'exchange':
      return [...before, ...after.slice(0, 1), frame, ...after.slice(1)];
    case 'cut':
      return before;
    case 'retype':
      return [...before, frame.replace(/"(type|finish_reason|stop_reason)":"[^"]*"/, `"$1":"${word}"`), ...after];
    case 'halve':
      return [...before, frame.slice(0, frame.length / 2)];
    default:
      return kind satisfies never;
  }
}

/** What the client understands; undefined where a call or a block that the provider broke reaches it as it is. */
async function understood(asking: Asking): Promise<Understood | undefined> {
  try {
    return await askProfile(asking);
  } catch (thrown) {
    if (thrown instanceof Error && thrown.cause instanceof TheirFault) return undefined;
    throw thrown;
  }
}

const hasEnd = (text: string): boolean =>
  /"finish_reason":\s*"|"stop_reason":\s*"|"type":\s*"(?:response\.(?:completed|incomplete|done)|message_stop)"|\[DONE\]|"usage":\s*\{/.test(text); // prettier-ignore

describe.each(dialectIds)('recorded replies of %s, edited', (wire) => {
  const profiles = providerProfiles.filter((profile) => profile.wire === wire);
  const asked = fc.record({
    profile: fc.constantFrom(...profiles),
    client: fc.constantFrom(...clients),
    stream: fc.boolean(),
  });
  const streams = fc.constantFrom(...streamsOf(wire));

  it('end in an answer or an error', async () => {
    await fc.assert(
      fc.asyncProperty(asked, streams, edits, async (ask, frames, changes) => {
        // A maker's own frames are passed on as they are, whatever they are.
        if (ask.client.dialect === wire && relaysFrames(ask.profile)) return;
        const text = changes.reduce(edited, [...frames]).join('');
        const got = await understood({ ...ask, reply: () => replyWith(200, text) });
        expect(got === undefined || (got.error === undefined) === (got.record.error === undefined)).toBe(true);
      }),
      { seed, numRuns: runsOf(250) * times },
    );
  });

  it('cut off before any end, they end in an error', async () => {
    await fc.assert(
      fc.asyncProperty(asked, streams, fc.nat(), async (ask, frames, at) => {
        const all = frames.join('');
        const text = all.slice(0, at % (all.length + 1));
        const got = await understood({ ...ask, reply: () => replyWith(200, text) });
        if (!hasEnd(text)) expect(got?.error ?? got?.record.error?.message).toEqual(expect.any(String));
      }),
      { seed, numRuns: runsOf(250) * times },
    );
  });
});
