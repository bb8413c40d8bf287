import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCutJson } from '../../../src/canonical/cutJson.ts';
import { readProviderErrorBody } from '../../../src/canonical/providerError.ts';

describe('parseCutJson', () => {
  it.each<[string, unknown]>([
    ['{"error":{"message":"The model is ov', { error: { message: 'The model is ov…' } }],
    ['{"error":{"message":"It is over","code":"over', { error: { message: 'It is over', code: 'over…' } }],
    ['{"error":{"message":"It is over","co', { error: { message: 'It is over' } }],
    ['{"error":{"message":"It is over","code"', { error: { message: 'It is over' } }],
    ['{"error":{"message":"It is over","code":', { error: { message: 'It is over' } }],
    ['{"error":{"message":"It is over","code":tru', { error: { message: 'It is over' } }],
    ['{"error":{"message":"It is over"}', { error: { message: 'It is over' } }],
    ['[{"msg":"a"},{"msg":"b\\', [{ msg: 'a' }, { msg: 'b…' }]],
    ['{"msg":"a \\u00', { msg: 'a …' }],
    ['{"msg":"a \\\\', { msg: 'a \\…' }],
    ['{"msg":"a \\"}', { msg: 'a "}…' }],
    ['{', {}],
    ['{"a":1}', undefined],
    ['{"a":1} and more', undefined],
    ['{"a":1]', undefined],
    ['{not json', {}],
    ['plain', undefined],
    ['', undefined],
  ])('%s', (text, expected) => {
    expect(parseCutJson(text)).toEqual(expected);
  });

  it('finds what the whole JSON says, wherever that is cut after it', () => {
    const whole = fc.record({ before: fc.jsonValue(), message: fc.constant('It is over.'), after: fc.jsonValue() });
    fc.assert(
      fc.property(whole, fc.nat(), (value, cut) => {
        const text = JSON.stringify(value);
        const end = text.indexOf(',"after"');
        const read = parseCutJson(text.slice(0, end + (cut % (text.length - end))));
        expect(read).toMatchObject({ message: 'It is over.' });
      }),
    );
  });
});

it('an error that is cut off keeps its words and its names', () => {
  const text = JSON.stringify({ error: { code: 'rate_limited', message: 'Slow down, please.', type: 'x' } });
  expect(readProviderErrorBody(text.slice(0, -9))).toMatchObject({
    message: 'Slow down, please.',
    code: 'rate_limited',
  });
});
