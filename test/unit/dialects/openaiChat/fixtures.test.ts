import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../../src/canonical/events.ts';
import { callsOf, chatFixtures, fixture, readText, textsOf, toReply } from './replay.ts';

type Expected = {
  reasoning?: string;
  text?: string;
  calls?: string[];
  usage?: object;
  finish?: string;
  error?: string;
};

// Quirks remove tags from the text. The dialect must leave them in.
const expected: Record<string, Expected> = {
  'cut-in-mid-frame': { text: 'This is cut' },
  'deepseek-insufficient-resource': {
    reasoning: 'Let me',
    error: 'upstream',
    usage: { inputTokens: 18, outputTokens: 2, cacheReadTokens: 0, reasoningTokens: 2 },
  },
  'empty-answer': { finish: 'stop' },
  'gemini-error-list': { error: 'upstream' },
  'glm-network-error-finish': { text: 'Partial', error: 'upstream', usage: { inputTokens: 14, outputTokens: 1 } },
  'groq-x-groq-usage': {
    reasoning: 'Think fast.',
    text: 'Done.',
    finish: 'stop',
    usage: { inputTokens: 20, outputTokens: 6 },
  },
  'kimi-error-after-content': { text: 'Partial', error: 'upstream' },
  'lmstudio-error-event': { error: 'upstream' },
  'openai-chat-error-first': { error: 'upstream' },
  'openrouter-error-after-content': { text: 'Partial', error: 'upstream' },
  'vllm-error-object': { error: 'upstream' },
  'xai-error-string': { error: 'upstream' },
};

function summary(deltas: Delta[]): Expected {
  const found: Expected = {};
  const reasoning = textsOf(deltas, 'reasoning-delta');
  const text = textsOf(deltas, 'text-delta');
  const calls = callsOf(deltas);
  if (reasoning) found.reasoning = reasoning;
  if (text) found.text = text;
  if (calls.length > 0) found.calls = calls;
  for (const delta of deltas) {
    if (delta.type === 'usage') found.usage = delta.usage;
    if (delta.type === 'finish') found.finish = delta.reason;
    if (delta.type === 'error') found.error = delta.error.kind;
  }
  return found;
}

/** Pieces of a text that come together may be read as one. */
function byCharacter(deltas: Delta[]): Delta[] {
  return deltas.flatMap((delta) =>
    delta.type === 'text-delta' || delta.type === 'reasoning-delta'
      ? Array.from(delta.text, (text): Delta => ({ ...delta, text }))
      : [delta],
  );
}

describe.each(chatFixtures())('%s', (name) => {
  const text = fixture(name);
  const whole = readText(text);

  it('reads the same however the stream is split', () => {
    for (const size of [1, 2, 7, 61]) expect(byCharacter(readText(text, size))).toEqual(byCharacter(whole));
  });

  it('reads its whole content', () => {
    if (expected[name]) expect(summary(whole)).toEqual(expected[name]);
    else expect(summary(whole)).toMatchSnapshot();
  });

  it('ends once, with nothing after the end', () => {
    const types = whole.map((delta) => delta.type);
    const end = types.findIndex((type) => type === 'done' || type === 'error');
    // A stream that is cut has no end of its own: frameBlocks makes an error of that.
    expect(end).toBe(name === 'cut-in-mid-frame' ? -1 : types.length - 1);
    expect(types.filter((type) => type === 'finish').length).toBeLessThanOrEqual(1);
    expect(types.filter((type) => type === 'start').length).toBeLessThanOrEqual(1);
  });

  it('reads a truncated stream as a prefix of the whole, then at most an error', () => {
    const step = Math.max(1, Math.floor(text.length / 97));
    for (let length = 0; length < text.length; length += step) {
      const cut = readText(text.slice(0, length));
      const last = cut.at(-1);
      const read = last?.type === 'error' ? cut.slice(0, -1) : cut;
      const characters = byCharacter(read);
      expect(characters).toEqual(byCharacter(whole).slice(0, characters.length));
      // A truncated stream must not look complete.
      if (!cut.some((delta) => delta.type === 'finish' || delta.type === 'done')) expect(() => toReply(cut)).toThrow();
    }
  });
});
