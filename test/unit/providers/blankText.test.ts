import { expect, test } from 'vitest';
import { find } from './find.ts';

const anthropic = { protocol: 'anthropic', baseUrl: 'https://api.anthropic.com', model: 'claude-sonnet-4-5' } as const;
const edit = (body: object) => find(anthropic).quirks.body?.({ model: 'm', max_tokens: 9, ...body });
const user = (content: unknown) => ({ role: 'user', content });
const text = (said: string, more: object = {}) => ({ type: 'text', text: said, ...more });
const image = { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } };
const mark = { cache_control: { type: 'ephemeral' } };
const nothing = text('(no content)');

test.each<[string, object[], object[]]>([
  ['is left out', [user([text(''), text('Hi'), text(' \n')])], [user([text('Hi')])]],
  ['beside something else too', [user([image, text('')])], [user([image])]],
  ['never empties a message', [user([text(''), text('\n')])], [user([nothing])]],
  ['that is all of a content', [user(' '), user('Hi')], [user('(no content)'), user('Hi')]],
  [
    'of the assistant alike, but for the last message, which may be empty',
    [user('Hi'), { role: 'assistant', content: [text('')] }, user('x'), { role: 'assistant', content: [text('')] }],
    [user('Hi'), { role: 'assistant', content: [nothing] }, user('x'), { role: 'assistant', content: [] }],
  ],
  [
    'in the result of a tool, which may be empty',
    [user([{ type: 'tool_result', tool_use_id: 'a', content: [text('')] }])],
    [user([{ type: 'tool_result', tool_use_id: 'a', content: [] }])],
  ],
  [
    'is no matter of a message that states the effort alone (CLIProxyAPI#5738)',
    [user('Hi'), { role: 'system', content: [], output_config: { effort: 'low' } }, user('x')],
    [user('Hi'), { role: 'system', content: [], output_config: { effort: 'low' } }, user('x')],
  ],
  ['leaves its cache mark', [user([text('Hi'), text('', mark)])], [user([text('Hi', mark)])]],
  [
    'leaves none on thinking',
    [user('Hi'), { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm' }, text('', mark)] }, user('x')],
    [user('Hi'), { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm' }] }, user('x')],
  ],
])('blank text %s', (_what, messages, expected) => {
  const before = structuredClone(messages);
  expect(edit({ messages })?.['messages']).toEqual(expected);
  expect(messages).toEqual(before);
});

test('blank text is dropped from the system prompt, and so is a prompt of nothing else', () => {
  const messages = [user('Hi')];
  expect(edit({ messages, system: [text('Be good.'), text('')] })?.['system']).toEqual([text('Be good.')]);
  expect(edit({ messages, system: [text('')] })).not.toHaveProperty('system');
});

test('a body without any is the same', () => {
  const body = { model: 'm', max_tokens: 9, system: 'Be good.', messages: [user([text('Hi'), image])] };
  expect(find(anthropic).quirks.body?.(body)).toBe(body);
});
