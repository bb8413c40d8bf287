import { describe, expect, it } from 'vitest';
import { isReasoningName, isSmallName } from '../../../src/providers/clientModels.ts';

describe('the names that clients ask for', () => {
  it.each(['o3-mini', 'o1', 'openai/o4-mini', 'deepseek-reasoner', 'deepseek-r1', 'kimi-thinking', 'O3'])(
    '%s is one of a reasoning model',
    (name) => {
      expect([isReasoningName(name), isSmallName(name)]).toEqual([true, false]);
    },
  );

  it.each(['claude-haiku-4-5', 'claude-3-5-haiku-latest', 'haiku', 'gpt-5-nano', 'gpt-4o-mini', 'gemini-3-flash-lite'])(
    '%s is one of a small model',
    (name) => {
      expect([isReasoningName(name), isSmallName(name)]).toEqual([false, true]);
    },
  );

  it.each([
    'gpt-4o',
    'MiniMax-M2.1',
    'claude-opus-5-5',
    'gpt-5.6',
    'claude-sonnet-4-5[1m]',
    'auto',
    'grok-4-fast-non-reasoning',
    '',
  ])('%s is neither', (name) => {
    expect([isReasoningName(name), isSmallName(name)]).toEqual([false, false]);
  });
});
