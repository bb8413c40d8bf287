import { describe, expect, it } from 'vitest';
import { describeItem } from '../../../../src/dialects/openaiResponses/describeItem.ts';

describe('the description of an item of this dialect for others', () => {
  it.each<[{ type: string; [name: string]: unknown }, string | undefined]>([
    [{ type: 'local_shell_call', call_id: 'c', action: { command: ['ls'] } }, '[local_shell_call c: {"command":["ls"]}]'],
    [{ type: 'apply_patch_call', call_id: 'c', operation: { path: 'a' } }, '[apply_patch_call c: {"path":"a"}]'],
    [{ type: 'local_shell_call_output', call_id: 'c', output: 'a.txt' }, '[Result of c: a.txt]'],
    [{ type: 'shell_call_output', call_id: 'c', output: [{ stdout: 'a' }] }, '[Result of c: [{"stdout":"a"}]]'],
    [{ type: 'computer_call_output', call_id: 'c', output: { image_url: 'data:…' } }, '[Result of c: image omitted]'],
    [{ type: 'web_search_call', id: 'ws_1', action: { query: 'q' } }, undefined],
    [{ type: 'image_generation_call', id: 'ig_1', result: 'AAAA' }, undefined],
    [{ type: 'item_reference', id: 'msg_1' }, '[A part of this conversation is missing here: it is stored at another provider as msg_1]'],
  ])('%j', (item, words) => {
    expect(describeItem(item)).toBe(words);
  }); // prettier-ignore
});
