// How answers end, at the surfaces of real providers: refusals and limits are what they are, and are asked for once.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../../src/canonical/request.ts';
import { replyWith } from '../../../support/gatewayBench.ts';
import { callsIn } from '../../../support/callWires.ts';
import {
  answerWith,
  askSurface,
  faultsOf,
  isMaker,
  isSampled,
  realSurfaces,
  type Surface,
} from '../../../support/realSurfaces.ts';
import type { WireAnswer } from '../../../support/wireAnswers.ts';

type End = 'refused' | 'cut' | 'stopped';

/** How each dialect says it. */
const endings: Record<End, Record<DialectId, RegExp>> = {
  refused: {
    'openai-chat': /"finish_reason":"content_filter"/,
    'openai-responses': /"incomplete_details":\{"reason":"content_filter"\}/,
    'anthropic-messages': /"stop_reason":"refusal"/,
  },
  cut: {
    'openai-chat': /"finish_reason":"length"/,
    'openai-responses': /"incomplete_details":\{"reason":"max_output_tokens"\}/,
    'anthropic-messages': /"stop_reason":"(max_tokens|model_context_window_exceeded)"/,
  },
  stopped: {
    'openai-chat': /"finish_reason":"stop"/,
    'openai-responses': /"status":"completed"/,
    'anthropic-messages': /"stop_reason":"end_turn"/,
  },
};

const refusals = ['content_filter', 'content_filter: PROHIBITED_CONTENT', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'RECITATION', 'SPII', 'SAFETY', 'IMAGE_SAFETY', 'LANGUAGE', 'sensitive', 'refusal', 'guardrail_intervened', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION', 'MODEL_ARMOR']; // prettier-ignore
const limits = [
  'length',
  'max_tokens',
  'MAX_TOKENS',
  'model_length',
  'max_output_tokens',
  'model_context_window_exceeded',
];

type Form = [name: string, at: (surface: Surface) => boolean, answer: WireAnswer, end: End, says?: string];

const everywhere = (): boolean => true;
const on =
  (wire: DialectId) =>
  (surface: Surface): boolean =>
    surface.wire === wire;
const foreign = (wire: DialectId) => (surface: Surface) => surface.wire === wire && !isMaker(surface);

const forms: readonly Form[] = [
  ...refusals.flatMap((reason): Form[] => [
    [`${reason} without text`, everywhere, { reason }, 'refused'],
    [`${reason} with text`, everywhere, { reason, text: 'Half an ans' }, 'refused', 'Half an ans'],
  ]),
  ...limits.map((reason): Form => [`${reason} with text`, everywhere, { reason, text: 'Half an ans' }, 'cut', 'Half an ans']),
  ['a blocked prompt', foreign('openai-chat'), { reason: 'stop', fields: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } } }, 'refused'],
  ['a flag of MiniMax', foreign('openai-chat'), { reason: 'stop', fields: { output_sensitive: true, output_sensitive_type: 1 } }, 'refused'],
  ...['OTHER', 'NO_IMAGE', 'IMAGE_OTHER'].map((reason): Form => [`${reason} without text`, foreign('openai-chat'), { reason }, 'refused']), // litellm#40477
  ['the same with text', foreign('openai-chat'), { reason: 'NO_IMAGE', text: 'There.' }, 'stopped', 'There.'],
  ['the reason behind a gateway', foreign('openai-chat'), { reason: 'content_filter', end: { native_finish_reason: 'PROHIBITED_CONTENT' } }, 'refused'],
  ['only the reason behind a gateway', foreign('openai-chat'), { reason: 'stop', end: { native_finish_reason: 'PROHIBITED_CONTENT' } }, 'refused'],
  ['what the model says instead', on('openai-chat'), { reason: 'stop', message: { refusal: "I can't help with that." } }, 'stopped', "I can't help with that."],
  ['what the model says instead', on('openai-responses'), { parts: [{ type: 'refusal', refusal: "I can't help with that." }] }, 'stopped', "I can't help with that."],
  ['thoughts that are signed, and nothing else', foreign('anthropic-messages'), { reason: 'refusal', parts: [{ type: 'thinking', thinking: '', signature: 'c2ln' }], fields: { stop_details: { type: 'refusal', category: 'cyber', explanation: 'Not for cyber attacks.' } } }, 'refused'], // CLIProxyAPI#4958
  ['an explanation', on('anthropic-messages'), { reason: 'refusal', fields: { stop_details: { type: 'refusal', category: 'cyber', explanation: 'Not for cyber attacks.' } } }, 'refused'],
]; // prettier-ignore

const signature = { extra_content: { google: { thought_signature: 'c2ln' } } };
const faulty: readonly [name: string, answer: WireAnswer][] = [
  ['MALFORMED_FUNCTION_CALL', { reason: 'MALFORMED_FUNCTION_CALL' }],
  ['function_call_filter: MALFORMED_FUNCTION_CALL', { reason: 'function_call_filter: MALFORMED_FUNCTION_CALL' }],
  ['UNEXPECTED_TOOL_CALL', { reason: 'UNEXPECTED_TOOL_CALL' }],
  ['beside a signature alone (sub2api#7081)', { reason: 'MALFORMED_FUNCTION_CALL', message: signature }],
  ['only behind a gateway', { reason: 'MALFORMED_FUNCTION_CALL', end: { finish_reason: 'stop', native_finish_reason: 'MALFORMED_FUNCTION_CALL' } }],
]; // prettier-ignore

const cutInput = '{"command":"rm -rf /tmp/unfin';
/** A call whose arguments a filter breaks off, as whole replies, which all clients may get. */
const brokenCall: Record<DialectId, object> = {
  'openai-chat': { id: 'c', choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'run', arguments: cutInput } }] }, finish_reason: 'content_filter' }] },
  'openai-responses': { id: 'r', object: 'response', status: 'incomplete', incomplete_details: { reason: 'content_filter' }, output: [{ type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'run', arguments: cutInput, status: 'incomplete' }] },
  'anthropic-messages': { id: 'm', type: 'message', role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'run', input: cutInput }], stop_reason: 'refusal', usage: { input_tokens: 1, output_tokens: 1 } },
}; // prettier-ignore
/** OpenAI takes requests with tools at its Responses API only. */
function wireOf(url: string): DialectId {
  if (/\/responses(\?|$)/.test(url)) return 'openai-responses';
  return /\/messages(\?|$)/.test(url) ? 'anthropic-messages' : 'openai-chat';
}

const parameters = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };
const withTool: Record<DialectId, object> = {
  'openai-chat': { tools: [{ type: 'function', function: { name: 'run', parameters } }] },
  'openai-responses': { tools: [{ type: 'function', name: 'run', parameters }] },
  'anthropic-messages': { tools: [{ name: 'run', input_schema: parameters }] },
};

function isRunnable(input: string): boolean {
  try {
    return 'command' in (JSON.parse(input) as object);
  } catch {
    return false;
  }
}

type FormAt = [name: string, row: number, answer: WireAnswer, end: End, says?: string];

function formsAt(surface: Surface): FormAt[] {
  return forms.flatMap(([name, isAt, ...rest], row): FormAt[] =>
    isAt(surface) && isSampled(surface, row) ? [[name, row, ...rest]] : [],
  );
}

describe.each(realSurfaces)('$name', (surface) => {
  it.each(formsAt(surface))('%s', async (_name, row, answer, end, says = '') => {
    const faults = await faultsOf(surface, row, async (way) => {
      const { status, text, attempts } = await askSurface({ surface, ...way }, answerWith(surface.wire, answer));
      return [
        [status, 200],
        [attempts, 1],
        [endings[end][way.client].test(text) && text.includes(says), true, text],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  });

  it.each(faulty.map((row, index) => [...row, index] as const).filter(([, , row]) => isSampled(surface, row)))('a call that cannot be used: %s', async (_name, answer, row) => {
    if (isMaker(surface)) return;
    const faults = await faultsOf(surface, row, async (way) => {
      const { text, attempts, record } = await askSurface({ surface, ...way }, answerWith(surface.wire, answer));
      return [
        [attempts, 2, text],
        [record?.error?.message.includes('a tool call that cannot be used'), true, text],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  }); // prettier-ignore

  it('a call that a refusal breaks off does not reach the client as a call (opencodex#4312)', async () => {
    const faults = await faultsOf(surface, 0, async (way) => {
      const body = withTool[way.client];
      const { text, attempts } = await askSurface({ surface, ...way, body }, ({ url }) => Promise.resolve(replyWith(200, brokenCall[wireOf(url)])));
      return [
        [attempts, 1, text],
        [endings.refused[way.client].test(text), true, text],
        [callsIn(way.client, text).filter(([, input]) => isRunnable(input)).length, 0, text],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  }); // prettier-ignore
});
