import { describe, expect, it } from 'vitest';
import { findModelName } from '../../../src/routing/modelNames.ts';

const known = ['glm-5.2', 'claude-sonnet-4-5', 'gpt-4o-2024-08-06', 'openai/gpt-5', 'Kimi-K3', 'glm-5.2[1m]-own'];

describe('findModelName', () => {
  it.each([
    ['glm-5.2', 'glm-5.2'],
    [' glm-5.2 ', 'glm-5.2'],
    ['glm-5.2[1m]', 'glm-5.2'],
    ['glm-5.2[1M][1m]', 'glm-5.2'],
    ['GLM-5.2', 'glm-5.2'],
    ['zai/glm-5.2', 'glm-5.2'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['anthropic/claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5-latest[1m]', 'claude-sonnet-4-5'],
    ['gpt-4o', 'gpt-4o-2024-08-06'],
    ['gpt-4o-2024-11-20', 'gpt-4o-2024-08-06'],
    ['gpt-5', 'openai/gpt-5'],
    ['kimi-k3', 'Kimi-K3'],
    ['router/maker/glm-5.2', 'glm-5.2'],
    ['claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
    ['glm-5-2-20260115', 'glm-5.2'],
    ['openai/gpt-5:nitro', 'openai/gpt-5'],
    ['kimi-k3:online', 'Kimi-K3'],
    ['zai/glm-5.2@preset/cheap', 'glm-5.2'],
    ['anthropic:claude-sonnet-4-5', 'claude-sonnet-4-5'],
    ['claude:claude-sonnet-4-5-20250929[1m]', 'claude-sonnet-4-5'],
  ])('%s is %s', (name, expected) => {
    expect(findModelName(name, known)).toBe(expected);
  });

  it.each([
    '',
    'glm-5',
    'glm-5.20',
    'glm-5.2:free',
    '@preset/x',
    'x:',
    ':x',
    'glm:5.2',
    'claude-sonnet-4',
    'gpt-4o-mini',
    '[1m]',
    '/',
    '-latest',
  ])('%s is none', (name) => {
    expect(findModelName(name, known)).toBeUndefined();
  });

  it('takes no tag of a local model for a name', () => {
    expect(findModelName('gemma:8b', ['qwen3:8b'])).toBeUndefined();
    expect(findModelName('gemma:latest', ['qwen3:latest', 'latest'])).toBe('latest');
  });

  it('takes no name for another one that has nothing but marks', () => {
    expect(findModelName('[1m]', ['[200k]'])).toBeUndefined();
    expect(findModelName('maker/', ['other/'])).toBeUndefined();
    expect(findModelName('', [''])).toBeUndefined();
  });

  it('takes no name for another one that differs in its first letter', () => {
    expect(findModelName('maker/b-1', ['a-1'])).toBeUndefined();
  });

  it('prefers the closest reading, then the first in the config', () => {
    expect(findModelName('A-1', ['a-1', 'A-1'])).toBe('A-1');
    expect(findModelName('GLM-5[1m]', ['glm-5', 'glm-5[1m]'])).toBe('glm-5[1m]');
    expect(findModelName('GLM-5[1m]', ['glm-5', 'GLM-5'])).toBe('GLM-5');
    expect(findModelName('x/a-1', ['a-1-20250101', 'y/a-1', 'a-1'])).toBe('y/a-1');
  });
});
