import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../../src/canonical/events.ts';
import type { Part, Proof } from '../../../../src/canonical/request.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { doneItems, exampleTurn, writeEvents } from './support.ts';
import { testSealer } from '../../../support/testSealer.ts';

/** The assistant's parts as read from a request in which a client sends back the items of our stream. */
function echo(events: StreamEvent[]): Part[] | undefined {
  const items = doneItems(writeEvents(events)).map((item) => structuredClone(item));
  return openaiResponses.readRequest({ input: items }, testSealer).messages[0]?.parts;
}

function reasoningBlock(text: string, proof?: Proof): StreamEvent[] {
  return [
    { type: 'block-start', index: 0, block: { type: 'reasoning' } },
    { type: 'block-delta', index: 0, text },
    { type: 'block-end', index: 0, proof },
  ];
}

describe('the output of the writer is read back', () => {
  it('as the same parts, with calls in the order in which they ended', () => {
    expect(echo(exampleTurn)).toEqual([
      { type: 'reasoning', text: 'raw reasoning text one', proof: { type: 'encrypted', data: 'ENC1' } },
      { type: 'text', text: 'I will run a command.' },
      {
        type: 'tool-call',
        kind: 'custom',
        id: 'call_2',
        name: 'apply_patch',
        input: '*** Begin Patch\n*** End Patch\n',
      },
      { type: 'tool-call', kind: 'function', id: 'call_1', name: 'exec_command', input: '{"cmd":"echo FULL-OK"}' },
      {
        type: 'tool-call',
        kind: 'function',
        id: 'call_3',
        name: 'spawn_agent',
        namespace: 'multi_agent_v1',
        input: '{"task":"x"}',
      },
    ]);
  });

  it.each([
    { type: 'encrypted', data: 'gAAAAAB=' },
    { type: 'signature', signature: 'Eo8C+/=' },
    { type: 'details', details: [{ type: 'reasoning.text', text: ' 漢字 🙂 ', index: 0 }] },
  ] satisfies Proof[])('with its $type proof', (proof) => {
    expect(echo(reasoningBlock('Hm.', proof))).toEqual([{ type: 'reasoning', text: 'Hm.', proof }]);
    expect(echo(reasoningBlock('', proof))).toEqual([{ type: 'reasoning', text: '', proof }]);
  });

  it.each(['  leading', 'trailing \n\n', 'a\n\nb', '<think>"\\\u2028</think>', '🙂'])(
    'with the text %j verbatim',
    (text) => {
      expect(echo(reasoningBlock(text))).toEqual([{ type: 'reasoning', text }]);
    },
  );

  it('without a proof that was damaged', () => {
    const [item] = doneItems(writeEvents(reasoningBlock('Hm.', { type: 'signature', signature: 's' })));
    const input = [{ ...item, encrypted_content: String(item?.['encrypted_content']).slice(0, -4) }];
    expect(openaiResponses.readRequest({ input }, testSealer).messages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
    ]);
  });

  it('with its phase', () => {
    const events: StreamEvent[] = [
      { type: 'block-start', index: 0, block: { type: 'text', phase: 'commentary' } },
      { type: 'block-delta', index: 0, text: 'So.' },
      { type: 'block-end', index: 0 },
    ];
    expect(echo(events)).toEqual([{ type: 'text', text: 'So.', phase: 'commentary' }]);
  });
});
