import { readdirSync, readFileSync } from 'node:fs';
import type { Call, Counts, Finish, Question } from './answer.ts';
import { toolOf } from './question.ts';

export const protocols = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;
export type Protocol = (typeof protocols)[number];

/** The suffixes of fixture names. */
export const wireNames = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'messages',
} as const satisfies Record<Protocol, string>;

/** One kind of answer, and what every client must read from it, with any protocol of the provider. */
export type MatrixCase = {
  name: string;
  question: Question;
  text: string;
  reasoning: string;
  refusal: string;
  calls: Omit<Call, 'id'>[];
  finish: Finish | Partial<Record<Protocol, Finish>>;
  usage: Counts | undefined;
  /** Its message, and whether content came before it. */
  error?: { message: RegExp; afterContent: boolean };
};

const counts: Counts = { input: 120, output: 18, cached: 64, reasoning: 0 };
const plain = {
  question: {},
  text: '',
  reasoning: '',
  refusal: '',
  calls: [],
  finish: 'stop',
  usage: counts,
} satisfies Partial<MatrixCase>;
const patch = '*** Begin Patch\n*** Add File: a "b".txt\n+grüße 漢字\n*** End Patch\n';

function calling(...inputs: [name: string, input: string][]): Pick<MatrixCase, 'calls' | 'finish' | 'question'> {
  return {
    question: { tools: inputs.map(([name]) => name) },
    finish: 'tool-calls',
    calls: inputs.map(([name, input]) => {
      const { kind, namespace } = toolOf(name);
      return { kind, name, ...(namespace !== undefined && { namespace }), input };
    }),
  };
}

export const cases: MatrixCase[] = [
  { ...plain, name: 'text', text: 'Grüße, 漢字 🙂 and a < b > c.' },
  {
    ...plain,
    name: 'reasoning',
    reasoning: 'First I add\n2 and 2: 漢. ',
    text: 'It is 4.',
    usage: { ...counts, reasoning: 7 },
  },
  { ...plain, name: 'one-tool', text: 'Let me look.', ...calling(['shell', '{"command":"ls \\"a b\\" 漢"}']) },
  { ...plain, name: 'parallel-tools', ...calling(['weather', '{"city":"Paris"}'], ['time', '{"zone":"UTC"}']) },
  { ...plain, name: 'custom-tool', ...calling(['apply_patch', patch]) },
  { ...plain, name: 'namespaced-tool', ...calling(['spawn_agent', '{"task":"x"}']) },
  { ...plain, name: 'image', question: { image: true }, text: 'A red square.' },
  { ...plain, name: 'structured', question: { schema: true }, text: '{"answer":4}' },
  { ...plain, name: 'length', text: 'It begins and th', finish: 'length' },
  { ...plain, name: 'content-filter', text: 'It begins well', finish: 'content-filter' },
  { ...plain, name: 'usage-early', text: 'Early counts.' },
  { ...plain, name: 'usage-late', text: 'Late counts.' },
  { ...plain, name: 'usage-absent', text: 'No counts.', usage: undefined },
  { ...plain, name: 'empty', error: { message: /empty answer/, afterContent: false } },
  {
    ...plain,
    name: 'refusal',
    refusal: "I can't help with that.",
    // Only Messages has a finish reason for it.
    finish: { 'openai-chat': 'stop', 'openai-responses': 'stop', 'anthropic-messages': 'content-filter' },
  },
  { ...plain, name: 'error-first', error: { message: /overloaded right now/, afterContent: false } },
  {
    ...plain,
    name: 'error-inside',
    text: 'It begins well',
    error: { message: /overloaded right now/, afterContent: true },
  },
];

export function finishOf({ finish }: MatrixCase, protocol: Protocol): Finish | undefined {
  return typeof finish === 'string' ? finish : finish[protocol];
}

const folder = new URL('../../fixtures/matrix/', import.meta.url);

/** A provider's answer in `protocol`: its stream, or its whole reply. */
export function readFixture(name: string, protocol: Protocol, form: 'sse' | 'json'): string {
  return readFileSync(new URL(`${name}.${wireNames[protocol]}.${form}`, folder), 'utf8');
}

/** Splits a stream into whole frames. */
export function framesOf(stream: string): string[] {
  return stream.split(/(?<=\n\n)/);
}

/** Names of fixtures that no case uses. */
export function unusedFixtures(): string[] {
  const used = new Set(cases.map(({ name }) => name));
  return readdirSync(folder).filter((file) => /\.(sse|json)$/.test(file) && !used.has(file.split('.')[0] ?? ''));
}
