import { expect, it } from 'vitest';
import { dialectById } from '../../../src/dialects/registry.ts';

it.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)('has %s', (id) => {
  expect(dialectById(id).id).toBe(id);
});
