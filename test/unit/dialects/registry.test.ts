import { expect, it } from 'vitest';
import { dialectById } from '../../../src/dialects/registry.ts';

it.each(['openai-chat', 'openai-responses'] as const)('knows %s', (id) => {
  expect(dialectById(id).id).toBe(id);
});

it('says clearly what it does not speak', () => {
  expect(() => dialectById('anthropic-messages')).toThrow(
    expect.objectContaining({ kind: 'unsupported', message: expect.stringContaining('anthropic-messages') as string }),
  );
});
