import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { edit } from './find.ts';

const identity = { name: 'deepseek', protocol: 'responses', model: 'deepseek-v4-pro' } as const;
const user = { role: 'user', content: 'Go' };
const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Ok' }] };
const call = (id: string): JsonObject => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string): JsonObject => ({ type: 'function_call_output', call_id: id, output: id });
const thought = (text: string): JsonObject => ({
  type: 'reasoning',
  summary: [],
  content: [{ type: 'reasoning_text', text }],
});

function inputOf(input: unknown[], more: JsonObject = {}): unknown {
  return edit(identity, { input, ...more })['input'];
}

describe('DeepSeek’s /responses', () => {
  it('has no role developer', () => {
    expect(inputOf([{ role: 'developer', content: 'Be brief.' }, user])).toEqual([
      { role: 'system', content: 'Be brief.' },
      user,
    ]);
  });

  it('gets the outputs of calls right after them', () => {
    const calls = [thought('a'), call('1'), thought('b'), call('2')];
    expect(inputOf([user, ...calls, output('1'), user, output('2'), user])).toEqual([
      user, ...calls, output('1'), output('2'), user, user,
    ]); // prettier-ignore
    const together = [user, ...calls, output('1'), output('2'), user];
    expect(inputOf(together)).toEqual(together);
  });

  it('gets reasoning with every turn from the first call on, empty where it was lost', () => {
    expect(inputOf([user, said, user, said, call('1'), output('1'), call('2'), output('2'), said])).toEqual([
      user, said, user, thought(''), said, call('1'), output('1'), thought(''), call('2'), output('2'), thought(''), said,
    ]); // prettier-ignore
    const whole = [user, thought('a'), call('1'), output('1'), thought('b'), said];
    expect(inputOf(whole)).toEqual(whole);
  });

  it('gets none where it does not think, or nothing was called', () => {
    expect(inputOf([user, call('1'), output('1')], { reasoning: { effort: 'none' } })).toEqual([user, call('1'), output('1')]); // prettier-ignore
    expect(inputOf([user, said, user])).toEqual([user, said, user]);
  });

  it('gets a note for images that its text models can’t see', () => {
    const image = { type: 'input_image', image_url: 'data:image/png;base64,AA==' };
    const looked = [{ role: 'user', content: [image] }, thought('a'), call('1'), { ...output('1'), output: [image] }];
    const note = { type: 'input_text', text: '[image omitted: this model reads text only]' };
    expect(inputOf(looked)).toEqual([{ role: 'user', content: [note] }, thought('a'), call('1'), { ...output('1'), output: [note] }]); // prettier-ignore
    expect(edit({ ...identity, model: 'deepseek-flash' }, { input: looked })['input']).toEqual(looked);
  });

  it('does not change a body that needs no edit', () => {
    for (const input of ['Go', [user], undefined, [null, 1, {}]]) {
      const body = { input };
      expect(edit(identity, body)).toBe(body);
    }
  });
});
