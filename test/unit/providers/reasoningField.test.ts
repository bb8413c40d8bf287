import { expect, it } from 'vitest';
import { openaiChat } from '../../../src/dialects/openaiChat/index.ts';
import { reasoningField } from '../../../src/providers/bodyEdits.ts';

const { edit, change } = reasoningField('thoughts');

it('reads reasoning from another field of a stream', () => {
  const texts: string[] = [];
  const reader = openaiChat.streamReader((delta) => 'text' in delta && texts.push(`${delta.type} ${delta.text}`), {
    editJson: edit,
  });
  for (const delta of [{ thoughts: 'Hm.' }, { content: 'Hi.' }]) {
    reader.push({ data: JSON.stringify({ choices: [{ index: 0, delta }] }) });
  }
  expect(texts).toEqual(['reasoning-delta Hm.', 'text-delta Hi.']);
  expect(change).toContain('`thoughts`');
});

it('reads reasoning from another field of a whole reply', () => {
  const body = { choices: [{ index: 0, message: { thoughts: 'Hm.', content: 'Hi.' }, finish_reason: 'stop' }] };
  const deltas = openaiChat.readReply(body, { editJson: edit });
  expect(deltas).toContainEqual(expect.objectContaining({ type: 'reasoning-delta', text: 'Hm.' }));
});

it.each([
  {},
  { choices: null },
  { choices: [null, 1, { delta: null }] },
  { choices: [{ delta: { content: 'Hi.' } }] },
  { choices: [{ delta: { thoughts: null } }] },
])('returns %j itself', (reply) => {
  expect(edit(reply)).toBe(reply);
});

it('prefers reasoning_content that has text', () => {
  const edited = edit({ choices: [{ delta: { thoughts: 'a', reasoning_content: 'b' } }] });
  expect(edited).toEqual({ choices: [{ delta: { reasoning_content: 'b' } }] });
});
