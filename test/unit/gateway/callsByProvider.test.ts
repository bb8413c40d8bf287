// Calls, and thoughts and calls in the text, as kinds of faults at real providers: docs/reference/wire-kinds.md, 5 and 6.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { askProfile } from '../../support/askProfile.ts';
import { streamedCall, streamedText, wholeCall, type AskedTool } from '../../support/callWires.ts';
import { replyWith } from '../../support/gatewayBench.ts';
import { input, markups } from '../../support/leakedMarkups.ts';
import { relaysFrames } from '../../support/providerProfiles.ts';
import { sampleOf, type Ask } from '../../support/profileSample.ts';
import {
  paris,
  pieceOfArguments,
  strangeNames,
  streamedArguments,
  wholeArguments,
} from '../../support/strangeArguments.ts';
import { wholeTextReply } from '../../support/wholeReplies.ts';

/** The makers of a protocol write it well, and a client of it gets what they write. */
const isRewritten = ({ profile, client }: Ask): boolean => client.dialect !== profile.wire || !relaysFrames(profile);

function tried(turn: number): readonly Ask[] {
  return sampleOf(turn).filter(isRewritten);
}

const numbered = <Form extends readonly unknown[]>(forms: readonly Form[]) =>
  forms.map((form, turn) => [form[0], form, turn] as [unknown, Form, number]);

/** Calls with their arguments as values: only their meaning is compared. */
function meant(calls: [string, string][]): [string, unknown][] {
  return calls.map(([name, text]) => [name, JSON.parse(text) as unknown]);
}

describe('5. arguments of calls', () => {
  it.each(numbered(streamedArguments))('streamed: %s', async (_, [, fragments, expected], turn) => {
    for (const ask of tried(turn)) {
      const { calls } = await askProfile({ ...ask, reply: () => streamedCall(ask.profile.wire, fragments) });
      expect([ask, meant(calls)]).toEqual([ask, [['get_weather', JSON.parse(expected)]]]);
    }
  });

  it.each(numbered(pieceOfArguments))('in any pieces: %s', async (_, [, given, expected], turn) => {
    for (const ask of tried(turn))
      for (const fragments of [[given], [...given]]) {
        const { calls } = await askProfile({ ...ask, reply: () => streamedCall(ask.profile.wire, fragments) });
        expect([ask, meant(calls)]).toEqual([ask, [['get_weather', JSON.parse(expected)]]]);
      }
  });

  it.each(numbered(wholeArguments))('whole: %s', async (_, [, given, expected], turn) => {
    for (const ask of tried(turn)) {
      const { calls } = await askProfile({ ...ask, reply: () => wholeCall(ask.profile.wire, given) });
      expect([ask, meant(calls)]).toEqual([ask, [['get_weather', JSON.parse(expected)]]]);
    }
  });

  it.each(strangeNames.map((name, turn) => [name, turn] as const))('named %j', async (name, turn) => {
    for (const ask of tried(turn)) {
      const { wire } = ask.profile;
      for (const reply of [streamedCall(wire, [paris], name), wholeCall(wire, wire === 'anthropic-messages' ? JSON.parse(paris) : paris, name)]) {
        const { calls } = await askProfile({ ...ask, reply: () => reply });
        expect([ask, meant(calls)]).toEqual([ask, [['get_weather', JSON.parse(paris)]]]);
      }
    }
  });
}); // prettier-ignore

const bash: AskedTool = {
  name: 'Bash',
  parameters: {
    type: 'object',
    properties: { command: { type: 'string' }, timeout: { type: 'integer' }, args: { type: 'array' } },
  },
};

/** GLM has another markup, and at some servers its text is shown as a thought first. */
const mayWrite = (form: string, { model }: Ask['profile']): boolean => form !== 'harmony' || !/glm/i.test(model);

function textReply(wire: DialectId, text: string, isStreamed: boolean) {
  if (!isStreamed) return replyWith(200, wholeTextReply(wire, text));
  return streamedText(wire, text.match(/[^]{1,9}/g) ?? []);
}

describe('6. calls and thoughts in the text', () => {
  it.each(Object.entries(markups).map(([name, markup], turn) => [name, markup, turn] as const))('%s is a call', async (form, markup, turn) => {
    for (const ask of tried(turn).filter(({ profile }) => mayWrite(form, profile)))
      for (const isStreamed of [true, false]) {
        const reply = () => textReply(ask.profile.wire, `Let me look.\n\n${markup}`, isStreamed);
        const { text, calls, record } = await askProfile({ ...ask, tool: bash, reply });
        expect([ask, meant(calls), text.trim()]).toEqual([ask, [['Bash', input]], 'Let me look.']);
        expect(record.error).toBeUndefined();
      }
  });

  it.each(Object.entries(markups).map(([name, markup], turn) => [name, markup, turn] as const))('%s stays text where the tool is another', async (_, markup, turn) => {
    for (const ask of tried(turn))
      for (const isStreamed of [true, false]) {
        const quoted = `It writes:\n\`\`\`\n${markup}\n\`\`\`\nDone.`;
        const { text, calls } = await askProfile({ ...ask, tool: bash, reply: () => textReply(ask.profile.wire, quoted, isStreamed) });
        expect([ask, calls, text]).toEqual([ask, [], quoted]);
      }
  });

  it.each([
    ['<think>', '<think>Hm, well.</think>\n\nHello you'],
    ['<thinking>', '<thinking>Hm, well.</thinking>Hello you'],
    ['in the middle', 'Hello\n\n<think>\nHm, well.\n</think>\n\nyou'],
    ['harmony', '<|channel|>analysis<|message|>Hm, well.<|end|><|start|>assistant<|channel|>final<|message|>Hello you<|return|>'],
  ])('thoughts as %s are no text', async (form, said) => {
    for (let turn = 0; turn < 2; turn++)
      for (const ask of sampleOf(turn).filter(({ profile }) => !relaysFrames(profile) && mayWrite(form, profile)))
        for (const isStreamed of [true, false]) {
          const { text, received } = await askProfile({ ...ask, reply: () => textReply(ask.profile.wire, said, isStreamed) });
          expect([ask, text.replace(/\s+/, ' ')]).toEqual([ask, 'Hello you']);
          expect(received.text).toContain('Hm, well.');
        }
  });
}); // prettier-ignore
