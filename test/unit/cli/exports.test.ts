import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { clientVariables, exportLine, withLoopbackUnproxied } from '../../../src/cli/exports.ts';

const awkward = `it's \\ "$HOME" \`x\` %PATH%`;

it('are what clients read', () => {
  expect(clientVariables('http://127.0.0.1:1', 't', { NO_PROXY: 'corp.example' })).toEqual({
    OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
    OPENAI_API_KEY: 't',
    CODEX_API_KEY: 't',
    CCR_URL: 'http://127.0.0.1:1',
    NO_PROXY: 'corp.example,127.0.0.1,localhost',
  });
});

it('are those of Claude Code on request', () => {
  expect(clientVariables('http://127.0.0.1:1', 't', { NO_PROXY: '*' }, 'claude')).toEqual({
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
    ANTHROPIC_AUTH_TOKEN: 't',
    CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
    CCR_URL: 'http://127.0.0.1:1',
    NO_PROXY: '*',
  });
});

it.each([
  [{}, { NO_PROXY: '127.0.0.1,localhost' }],
  [{ NO_PROXY: '*' }, { NO_PROXY: '*' }],
  [{ NO_PROXY: ' localhost , a' }, { NO_PROXY: 'localhost,a,127.0.0.1' }],
  [{ no_proxy: 'a' }, { NO_PROXY: 'a,127.0.0.1,localhost', no_proxy: 'a,127.0.0.1,localhost' }],
  [
    { NO_PROXY: 'A', no_proxy: 'b', OTHER: 'x' },
    { NO_PROXY: 'A,127.0.0.1,localhost', no_proxy: 'b,127.0.0.1,localhost', OTHER: 'x' },
  ],
])('%j becomes %j', (environment, expected) => expect(withLoopbackUnproxied(environment)).toEqual(expected));

it('survive a POSIX shell', () => {
  const script = `${exportLine('posix', 'X', awkward)}\nprintf %s "$X"`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(awkward);
});

it.each([
  ['fish', String.raw`set -gx X 'it\'s \\ "$HOME"'`],
  ['powershell', String.raw`$env:X = 'it''s \ "$HOME"'`],
  ['cmd', String.raw`set "X=it's \ "$HOME""`],
] as const)('are in the language of %s', (shell, line) => {
  expect(exportLine(shell, 'X', String.raw`it's \ "$HOME"`)).toBe(line);
});
