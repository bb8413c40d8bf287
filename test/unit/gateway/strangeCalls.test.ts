import { describe, expect, it } from 'vitest';
import type { UpstreamReply } from '../../../src/gateway/upstream.ts';
import type { DialectId } from '../../../src/canonical/request.ts';
import {
  askWeather,
  callsIn,
  dialectIds,
  event,
  streamedCall,
  streamedText,
  wholeCall,
  wiresConfig,
} from '../../support/callWires.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import {
  paris,
  pieceOfArguments,
  strangeNames,
  streamedArguments,
  wholeArguments,
} from '../../support/strangeArguments.ts';

async function ask(client: DialectId, provider: DialectId, stream: boolean, reply: UpstreamReply) {
  const bench = createGatewayBench(wiresConfig, () => Promise.resolve(reply));
  const { done, received } = bench.ask({ dialect: client, body: askWeather(client, provider, stream) });
  await done;
  return { text: received.text, warnings: bench.records[0]?.warnings ?? [] };
}

describe.each(dialectIds)('arguments that a provider of %s sends', (provider) => {
  describe.each(dialectIds)('reach a client of %s as one object', (client) => {
    it.each(streamedArguments)('streamed: %s', async (_, fragments, expected) => {
      for (const stream of [true, false]) {
        const { text } = await ask(client, provider, stream, streamedCall(provider, fragments));
        expect(callsIn(client, text)).toEqual([['get_weather', expected]]);
      }
    });

    it.each(pieceOfArguments)('in any pieces: %s', async (_, given, expected) => {
      for (const fragments of [[given], [...given]]) {
        const { text } = await ask(client, provider, true, streamedCall(provider, fragments));
        expect(callsIn(client, text)).toEqual([['get_weather', expected]]);
      }
      const { text } = await ask(client, provider, false, wholeCall(provider, given));
      expect(callsIn(client, text)).toEqual([['get_weather', expected]]);
    });

    it.each(wholeArguments)('whole: %s', async (_, input, expected) => {
      for (const stream of [true, false]) {
        const { text } = await ask(client, provider, stream, wholeCall(provider, input));
        expect(callsIn(client, text)).toEqual([['get_weather', expected]]);
      }
    });

    it.each(strangeNames)('named %j', async (name) => {
      const { text } = await ask(client, provider, true, streamedCall(provider, [paris], name));
      expect(callsIn(client, text)).toEqual([['get_weather', paris]]);
    });

    // Claude Code and Codex refuse what is no JSON and tell the model.
    it('as they came where they are cut off, with a warning', async () => {
      const { text, warnings } = await ask(client, provider, true, streamedCall(provider, ['{"city":"Pa']));
      expect(callsIn(client, text)).toEqual([['get_weather', '{"city":"Pa']]);
      expect(warnings).toEqual([`${provider},m: The arguments of a call of get_weather are cut off.`]);
    });

    it('although they stand in the text', async () => {
      const markup = `<tool_call>\n{"name": "get_weather", "arguments": ${paris}}\n</tool_call>`;
      const { text, warnings } = await ask(
        client,
        provider,
        true,
        streamedText(provider, ['Let me see.\n', ...markup]),
      );
      expect(callsIn(client, text)).toEqual([['get_weather', paris]]);
      expect(text).not.toContain('tool_call>');
      expect(warnings).toEqual([
        `${provider},m: A call of get_weather stood in the text as the model’s own markup, and has been read as a call.`,
      ]);
    });

    it('although they stand in a harmony channel', async () => {
      const markup = `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>${paris}<|call|>`;
      const { text } = await ask(client, provider, true, streamedText(provider, markup.match(/.{1,5}/g) ?? []));
      expect(callsIn(client, text)).toEqual([['get_weather', paris]]);
      expect(text).not.toContain('<|');
    });
  });
});

describe('the older form of calls', () => {
  it.each([null, '', [{ city: 'Paris' }], paris])('with arguments %j', async (input) => {
    const message = { role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: input } };
    const reply = replyWith(200, { id: 'c', choices: [{ index: 0, message, finish_reason: 'function_call' }] });
    const { text } = await ask('anthropic-messages', 'openai-chat', false, reply);
    expect(callsIn('anthropic-messages', text)).toEqual([['get_weather', input ? paris : '{}']]);
  });
});

describe('an input in content_block_start', () => {
  const block = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } };
  it.each([[[]], [['']], [['{}']], [[paris]]])('beside the deltas %j', async (deltas) => {
    const frames = [
      event('message_start', { message: { id: 'm', content: [] } }),
      event('content_block_start', { index: 0, content_block: block }),
      ...deltas.map((text) => event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: text } })), // prettier-ignore
      event('content_block_stop', { index: 0 }),
      event('message_delta', { delta: { stop_reason: 'tool_use' } }),
      event('message_stop', {}),
    ];
    for (const client of dialectIds) {
      const { text } = await ask(client, 'anthropic-messages', true, replyWith(200, frames.join('')));
      expect(callsIn(client, text)).toEqual([['get_weather', paris]]);
    }
  });
});

describe('the end of a Responses call', () => {
  const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'get_weather' };
  function replyEnding(deltas: string[], ends: ('arguments' | 'item' | 'output')[]): UpstreamReply {
    const whole = { ...item, arguments: paris };
    const frames = [
      event('response.output_item.added', { output_index: 0, item: { ...item, arguments: '' } }),
      ...deltas.map((delta) => event('response.function_call_arguments.delta', { output_index: 0, item_id: 'fc_1', delta })), // prettier-ignore
      ...(ends.includes('arguments') ? [event('response.function_call_arguments.done', { output_index: 0, item_id: 'fc_1', arguments: paris })] : []), // prettier-ignore
      ...(ends.includes('item') ? [event('response.output_item.done', { output_index: 0, item: whole })] : []),
      event('response.completed', { response: { id: 'r', status: 'completed', output: ends.includes('output') ? [whole] : [] } }), // prettier-ignore
    ];
    return replyWith(200, frames.join(''));
  }

  it.each(['arguments', 'item', 'output'] as const)('has what the deltas lack (%s)', async (end) => {
    for (const deltas of [[], ['{"city":'], ['{}'], ['{"ci', 'ty":"Paris"}']])
      for (const client of dialectIds) {
        const { text, warnings } = await ask(client, 'openai-responses', true, replyEnding(deltas, [end]));
        expect(callsIn(client, text), `${client} ${deltas.join()}`).toEqual([['get_weather', paris]]);
        expect(warnings).toEqual([]);
      }
  });

  it('counts for clients that get it whole where the deltas say something else', async () => {
    for (const client of dialectIds) {
      const { text, warnings } = await ask(
        client,
        'openai-responses',
        false,
        replyEnding(['{"city": Paris}'], ['item']),
      );
      expect(callsIn(client, text)).toEqual([['get_weather', paris]]);
      expect(warnings).toEqual([
        `openai-responses,m: The arguments of a call of get_weather differ between the stream and its end.`,
      ]);
    }
  });
});
