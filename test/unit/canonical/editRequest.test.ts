import { describe, expect, it } from 'vitest';
import { continueRequest, createRequest, editRequest, setParameters } from '../../../src/canonical/editRequest.ts';
import type { ChatFields, ChatRequest } from '../../../src/canonical/request.ts';

const fields: ChatFields = {
  messages: [],
  tools: [],
  toolChoice: { type: 'auto' },
  stream: true,
  sampling: {},
  outputFormat: { type: 'json-object' },
};
const source = { dialect: 'openai-chat' as const, body: { model: 'm' } };
const request = createRequest(fields, source);

describe('a request', () => {
  it('has a source only if its reader gives one', () => {
    expect(request).toEqual({ ...fields, source });
    expect(createRequest(fields)).not.toHaveProperty('source');
    expect(createRequest(request)).not.toHaveProperty('source');
  });

  it('loses its source in the edited copy, and is not mutated', () => {
    const edited = editRequest(request, { stream: false, outputFormat: undefined });
    expect(edited).toEqual({ ...fields, stream: false, outputFormat: undefined });
    expect(edited).not.toHaveProperty('source');
    expect(request).toEqual({ ...fields, source });
  });

  it('keeps its source with parameters that the relay patches', () => {
    expect(setParameters(request, { stream: false })).toEqual({ ...fields, stream: false, source });
  });

  it('keeps its source with the messages of the reply that it names', () => {
    const message = { role: 'user' as const, parts: [] };
    const continuation = { previousId: 'resp_1', keep: true, passing: 0 };
    const expected = { ...fields, messages: [message], continuation, source };
    expect(continueRequest(request, [message], continuation)).toEqual(expected);
  });
});

// tsc checks these: each directive fails the type check if the line below it compiles.
it('cannot be made by a spread, a literal or an assignment', () => {
  // @ts-expect-error A spread keeps `source`.
  const spread: ChatRequest = { ...request, messages: [] };
  // @ts-expect-error
  const literal: ChatRequest = fields;
  const { tools: _, ...rest } = request;
  // @ts-expect-error
  const rebuilt: ChatRequest = { ...rest, tools: [] };
  // @ts-expect-error Messages are no parameter: the relay would send the client's.
  const parameters = setParameters(request, { messages: [] });
  const mutate = (): void => {
    // @ts-expect-error
    request.messages = [];
  };
  expect([spread, literal, rebuilt, parameters, mutate]).toHaveLength(5);
});
