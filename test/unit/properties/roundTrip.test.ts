import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRequest, OutputFormat, Sampling } from '../../../src/canonical/request.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { anthropicMessages } from '../../../src/dialects/anthropicMessages/index.ts';
import { openaiChat } from '../../../src/dialects/openaiChat/index.ts';
import { openaiResponses } from '../../../src/dialects/openaiResponses/index.ts';
import { requestsFor, type Carried } from './conversations.ts';
import { testSealer } from '../../support/testSealer.ts';

const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const format: OutputFormat = { type: 'json-schema', name: 'answer', schema, strict: true };

function some<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

const unit = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);

const plain: Carried = {
  systemRole: 'system',
  files: true,
  audio: true,
  imageDetail: true,
  phase: false,
  customTools: true,
  namespaces: false,
  proofs: undefined,
  isError: false,
  imageResults: false,
  joinResults: false,
  cacheControl: false,
  strict: true,
};

/** What each dialect carries as it is. What it does not is documented where it is written. */
const dialects: { dialect: Dialect; requests: fc.Arbitrary<ChatRequest> }[] = [
  {
    dialect: openaiChat,
    requests: requestsFor(
      {
        ...plain,
        proofs: fc.constant({ type: 'details', details: [{ type: 'reasoning.text', text: 'x', index: 0 }] }),
      },
      fc.record({
        sampling: fc.record<Sampling>({
          maxTokens: some(fc.nat()),
          temperature: some(unit),
          topP: some(unit),
          stop: some(fc.constant(['x'])),
          seed: some(fc.nat()),
          frequencyPenalty: some(unit),
          presencePenalty: some(unit),
        }),
        reasoning: some(
          fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max').map((effort) => ({ effort })),
        ),
        outputFormat: some(fc.constantFrom<OutputFormat>(format, { type: 'json-object' })),
        verbosity: some(fc.constantFrom('low', 'medium', 'high')),
        cacheKey: some(fc.constant('key')),
      }),
    ),
  },
  {
    dialect: openaiResponses,
    requests: requestsFor(
      {
        ...plain,
        systemRole: 'developer',
        phase: true,
        imageResults: true,
        namespaces: true,
        proofs: fc.constant({ type: 'encrypted', data: 'gAAAAAexample' }),
      },
      fc.record({
        sampling: fc.record<Sampling>({ maxTokens: some(fc.nat()), temperature: some(unit), topP: some(unit) }),
        reasoning: some(
          fc.record({ effort: fc.constantFrom('none', 'low', 'high', 'max'), summary: fc.constant('auto') }),
        ),
        outputFormat: some(fc.constantFrom<OutputFormat>(format, { type: 'json-object' }, { type: 'text' })),
        verbosity: some(fc.constantFrom('low', 'medium', 'high')),
        cacheKey: some(fc.constant('key')),
        metadata: some(fc.constant({ any: 'thing' })),
      }),
    ),
  },
  {
    dialect: anthropicMessages,
    requests: requestsFor(
      {
        ...plain,
        audio: false,
        imageDetail: false,
        customTools: false,
        proofs: fc.constant({ type: 'signature', signature: 'EqQBexample' }),
        isError: true,
        imageResults: true,
        joinResults: true,
        cacheControl: true,
        strict: false,
      },
      fc.record({
        sampling: fc.record<Sampling>({
          maxTokens: fc.integer({ min: 1, max: 64_000 }),
          temperature: some(unit),
          topP: some(unit),
          stop: some(fc.constant(['x'])),
        }),
        reasoning: some(fc.constant({ effort: 'none' as const })),
        outputFormat: some(fc.constant(format)),
        metadata: some(fc.constant({ user_id: 'u' })),
      }),
    ),
  },
];

/** Without what is absent, or stands there for the provider alone. */
function normal(request: ChatRequest): unknown {
  const { source: _, model: __, continuation: ___, includeUsage: ____, wantsProofs: _____, ...rest } = request;
  return JSON.parse(JSON.stringify(rest)) as unknown;
}

it.each(dialects)('$dialect.id: a written request reads back equal', ({ dialect, requests }) => {
  fc.assert(
    fc.property(requests, (request) => {
      const body: unknown = JSON.parse(JSON.stringify(dialect.writeRequest(request, 'm')));
      expect(normal(dialect.readRequest(body, testSealer))).toEqual(normal(request));
    }),
    { seed: 3, numRuns: 300 },
  );
});

it.each(dialects)('$dialect.id: reading and writing again gives identical bytes', ({ dialect, requests }) => {
  fc.assert(
    fc.property(requests, (request) => {
      const once = JSON.stringify(dialect.writeRequest(request, 'm'));
      expect(JSON.stringify(dialect.writeRequest(dialect.readRequest(JSON.parse(once), testSealer), 'm'))).toBe(once);
    }),
    { seed: 4, numRuns: 200 },
  );
});
