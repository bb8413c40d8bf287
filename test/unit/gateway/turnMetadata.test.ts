import { expect, it } from 'vitest';
import { requestRole } from '../../../src/gateway/turnMetadata.ts';

it.each([
  [{ request_kind: 'turn', thread_source: 'user' }, 'turn'],
  [{ request_kind: 'compaction', thread_source: 'user' }, 'compaction'],
  [{ request_kind: 'turn', thread_source: 'thread_title' }, 'side'],
  [{ request_kind: 7 }, 'turn'],
  [[], 'turn'],
])('%j is a %s', (metadata, role) => {
  expect(requestRole({ 'x-codex-turn-metadata': JSON.stringify(metadata) })).toBe(role);
});

it('is a turn without metadata, or with unreadable metadata', () => {
  expect(requestRole({})).toBe('turn');
  expect(requestRole({ 'x-codex-turn-metadata': '{' })).toBe('turn');
});
