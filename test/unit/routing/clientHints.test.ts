import { describe, expect, it } from 'vitest';
import { readClientHints } from '../../../src/routing/clientHints.ts';

const codex = (metadata: unknown): Record<string, string> => ({ 'x-codex-turn-metadata': JSON.stringify(metadata) });

describe('what Codex says of a request', () => {
  it.each([
    [codex({ request_kind: 'turn', thread_source: 'user' }), { class: 'main' }],
    [codex({ request_kind: 'compaction', thread_source: 'user' }), { class: 'compaction' }],
    [
      codex({ request_kind: 'turn', thread_source: 'thread_title' }),
      { class: 'auxiliary', auxiliaryType: 'thread_title' },
    ],
    [
      { 'x-openai-subagent': 'review', ...codex({ request_kind: 'turn' }) },
      { class: 'subagent', agentType: 'review' },
    ],
    [{ 'x-openai-subagent': 'compact' }, { class: 'compaction' }],
    [codex({ request_kind: 7 }), {}],
    [codex([]), {}],
    [{ 'x-codex-turn-metadata': '{' }, {}],
    [{}, {}],
  ])('%j', (headers, hints) => {
    expect(readClientHints(headers)).toEqual(hints);
  });
});

describe('what Claude Code says of a request', () => {
  it.each([
    [{ 'x-claude-code-request-class': 'main' }, { class: 'main' }],
    [
      {
        'x-claude-code-request-class': 'subagent',
        'x-claude-code-agent-type': 'Explore',
        'x-claude-code-agent-id': 'a1',
      },
      { class: 'subagent', agentType: 'Explore', agentId: 'a1' },
    ],
    [
      { 'x-claude-code-request-class': 'auxiliary', 'x-claude-code-auxiliary-type': 'generate_session_title' },
      { class: 'auxiliary', auxiliaryType: 'generate_session_title' },
    ],
    // Without the hint headers.
    [{ 'x-claude-code-agent-id': 'a1' }, { class: 'subagent', agentId: 'a1' }],
    // A subagent's own compaction.
    [
      { 'x-claude-code-request-class': 'compaction', 'x-claude-code-agent-id': 'a1' },
      { class: 'compaction', agentId: 'a1' },
    ],
    [{ 'x-claude-code-request-class': 'administrator' }, {}],
    [{ 'x-claude-code-agent-type': 'a b' }, {}],
    [{ 'x-claude-code-agent-type': 'x'.repeat(65) }, {}],
  ])('%j', (headers, hints) => {
    expect(readClientHints(headers)).toEqual(hints);
  });
});
