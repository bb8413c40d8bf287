import { createRequest } from '../../../src/canonical/editRequest.ts';
import * as fc from 'fast-check';
import type {
  ChatRequest,
  JsonObject,
  Message,
  Part,
  Proof,
  ReasoningPart,
  Tool,
  ToolCallPart,
  ToolResultPart,
} from '../../../src/canonical/request.ts';

/** What a dialect can carry both ways: with it, a generated request comes back as it went in. */
export type Carried = {
  systemRole: 'system' | 'developer';
  /** Whether a user's message may be several parts. */
  files: boolean;
  audio: boolean;
  imageDetail: boolean;
  phase: boolean;
  customTools: boolean;
  namespaces: boolean;
  proofs: fc.Arbitrary<Proof> | undefined;
  /** Whether reasoning may stand without any text, for its proof alone. */
  isError: boolean;
  imageResults: boolean;
  /** Whether the results of one turn are one message. */
  joinResults: boolean;
  cacheControl: boolean;
  strict: boolean;
};

/** Words with all that spoils careless code: quotes, line ends, other scripts, tags, prototype names. */
const pieces = [
  'a',
  ' b',
  '\n',
  '"',
  '\\',
  '漢',
  '🙂',
  '<think>',
  '</',
  '{',
  '}',
  'data: ',
  '__proto__',
  '\u2028',
  '\r\n',
];
export const words = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 })
  .map((all) => `x${all.join('')}x`);
export const identifier = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,12}$/);

const jsonText = fc
  .dictionary(identifier, fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 })
  .map((value) => JSON.stringify(value));

function optional<T>(when: boolean, key: string, value: fc.Arbitrary<T>): fc.Arbitrary<JsonObject> {
  return when
    ? fc.option(value, { nil: undefined }).map((each) => (each === undefined ? {} : { [key]: each }))
    : fc.constant({});
}

const imageUrl = 'data:image/png;base64,iVBORw0KGgo=';
const cacheMark = fc.constant({ type: 'ephemeral' });

function textPart(carried: Carried): fc.Arbitrary<Part> {
  return fc
    .tuple(words, optional(carried.cacheControl, 'cacheControl', cacheMark))
    .map(([text, cached]): Part => ({ type: 'text', text, ...cached }));
}

function userParts(carried: Carried): fc.Arbitrary<Part[]> {
  const image = optional(carried.imageDetail, 'detail', fc.constantFrom('low', 'high')).map((detail): Part => ({
    type: 'image',
    url: 'data:image/png;base64,iVBORw0KGgo=',
    ...detail,
  }));
  const link = fc.constant<Part>({ type: 'image', url: 'https://example.com/a.png' });
  const file = fc.constant<Part>({ type: 'file', filename: 'a.pdf', data: 'data:application/pdf;base64,JVBERi0=' });
  const audio = fc.constant<Part>({ type: 'audio', data: 'UklGRg==', format: 'wav' });
  const kinds = [textPart(carried), image, link, ...(carried.files ? [file] : []), ...(carried.audio ? [audio] : [])];
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 3 });
}

type Turn = Message[];

/** A call and its result. */
type Made = [call: Omit<ToolCallPart, 'id'>, result: Pick<ToolResultPart, 'isError' | 'parts'>];

function callsFor({ isError, imageResults }: Carried, tools: readonly Tool[]): fc.Arbitrary<Made[]> {
  const callable = tools.filter((tool) => tool.kind !== 'hosted');
  if (callable.length === 0) return fc.constant([]);
  const call = fc
    .tuple(fc.constantFrom(...callable), jsonText, words)
    .map(([{ kind, name, namespace }, json, text]): Made[0] => ({
      type: 'tool-call',
      kind,
      name,
      ...(namespace !== undefined && { namespace }),
      input: kind === 'custom' ? text : json,
    }));
  const result = fc
    .tuple(words, isError ? fc.boolean() : fc.constant(false), imageResults ? fc.boolean() : fc.constant(false))
    .map(([text, failed, sees]): Made[1] => ({
      isError: failed,
      // What failed is told in words.
      parts: [{ type: 'text', text }, ...(sees && !failed ? [{ type: 'image', url: imageUrl } as const] : [])],
    }));
  return fc.array(fc.tuple(call, result), { maxLength: 3 });
}

/** An assistant's turn in the order that every wire has: reasoning, text, calls; then the results of all its calls. */
function turn(carried: Carried, tools: readonly Tool[]): fc.Arbitrary<Turn> {
  const reasoning: fc.Arbitrary<ReasoningPart> = fc
    .tuple(words, carried.proofs ? fc.option(carried.proofs, { nil: undefined }) : fc.constant(undefined))
    .map(([text, proof]): ReasoningPart => ({ type: 'reasoning', text, ...(proof && { proof }) }));
  const said = fc
    .tuple(words, optional(carried.phase, 'phase', fc.constantFrom('commentary', 'final_answer')))
    .map(([text, phase]): Part => ({ type: 'text', text, ...phase }));
  return fc
    .tuple(fc.option(reasoning, { nil: undefined }), fc.option(said, { nil: undefined }), callsFor(carried, tools))
    .map(([thought, text, made]) => toTurn(thought, text, made, carried));
}

function toTurn(
  thought: ReasoningPart | undefined,
  said: Part | undefined,
  made: Made[],
  { joinResults }: Carried,
): Turn {
  const parts: Part[] = [...(thought ? [thought] : []), ...(said ? [said] : [])];
  // A turn of nothing but reasoning has a place on no chat wire that would answer it.
  if (!said && made.length === 0) parts.push({ type: 'text', text: 'x' });
  const results: Part[] = [];
  for (const [index, [call, result]] of made.entries()) {
    const id = `call_${index}`;
    parts.push({ ...call, id });
    results.push({ type: 'tool-result', callId: id, kind: call.kind, ...result });
  }
  const answers: Message[] = joinResults
    ? [{ role: 'tool', parts: results }]
    : results.map((part) => ({ role: 'tool', parts: [part] }));
  return [{ role: 'assistant', parts }, ...(results.length > 0 ? answers : [])];
}

export function toolsFor(carried: Carried): fc.Arbitrary<Tool[]> {
  const tool = fc
    .record({
      kind: carried.customTools ? fc.constantFrom('function', 'custom') : fc.constant('function'),
      name: identifier,
      namespace: carried.namespaces
        ? fc.option(fc.constantFrom('ns_a', 'ns_b'), { nil: undefined })
        : fc.constant(undefined),
      description: fc.option(words, { nil: undefined }),
    })
    .map(({ kind, name, namespace, description }): Tool => {
      const head = { name, description, ...(namespace !== undefined && { namespace, namespaceDescription: 'All.' }) };
      if (kind === 'custom')
        return { kind: 'custom', ...head, format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } };
      return {
        kind: 'function',
        ...head,
        parameters: { type: 'object', properties: { [name]: { type: 'string' } } },
        ...(carried.strict && { strict: true }),
      };
    });
  return fc
    .uniqueArray(tool, { maxLength: 4, selector: (each) => each.name })
    .map((tools) => tools.toSorted((a, b) => (namespaceOf(a) < namespaceOf(b) ? -1 : 1)));
}

/** What shares a namespace is declared together. */
function namespaceOf(tool: Tool): string {
  return tool.kind === 'hosted' ? '' : (tool.namespace ?? '');
}

/** A conversation in good order, whose call ids are each its own. */
export function messagesFor(carried: Carried, tools: readonly Tool[]): fc.Arbitrary<Message[]> {
  const head = fc.option(words, { nil: undefined });
  const user = userParts(carried).map((parts): Message => ({ role: 'user', parts }));
  const exchange = fc.tuple(user, fc.array(turn(carried, tools), { maxLength: 2 }));
  return fc.tuple(head, fc.array(exchange, { minLength: 1, maxLength: 3 })).map(([system, exchanges]) => {
    const messages = inTurn(exchanges.flatMap(([asked, turns]) => [[asked], ...turns]));
    return withUniqueIds(
      system === undefined
        ? messages
        : [{ role: carried.systemRole, parts: [{ type: 'text', text: system }] }, ...messages],
    );
  });
}

/** Two messages of user or assistant never follow each other: readers or writers join them. */
function inTurn(turns: Turn[]): Message[] {
  const messages: Message[] = [];
  for (const turn of turns) if (turn[0]?.role !== messages.at(-1)?.role) messages.push(...turn);
  return messages;
}

function withUniqueIds(messages: Message[]): Message[] {
  let turn = 0;
  return messages.map((message) => {
    if (message.role === 'assistant') turn++;
    const unique = (id: string): string => `${id}_${turn}`;
    const parts = message.parts.map((part): Part => {
      if (part.type === 'tool-call') return { ...part, id: unique(part.id) };
      return part.type === 'tool-result' ? { ...part, callId: unique(part.callId) } : part;
    });
    return { ...message, parts };
  });
}

/** A request of generated messages and tools; `rest` is what the dialect's parameters become. */
export function requestsFor(carried: Carried, rest: fc.Arbitrary<Partial<ChatRequest>>): fc.Arbitrary<ChatRequest> {
  return toolsFor(carried).chain((tools) =>
    fc
      .tuple(messagesFor(carried, tools), toolChoiceFor(tools), rest, fc.boolean())
      .map(([messages, choice, parameters, stream]): ChatRequest =>
        createRequest({
          messages,
          tools,
          stream,
          sampling: {},
          ...choice,
          ...parameters,
        }),
      ),
  );
}

function toolChoiceFor(tools: readonly Tool[]): fc.Arbitrary<Pick<ChatRequest, 'toolChoice' | 'parallelToolCalls'>> {
  if (tools.length === 0) return fc.constant({ toolChoice: { type: 'auto' } });
  const named = fc.constantFrom(...tools).map((tool): ChatRequest['toolChoice'] => ({
    type: 'tool',
    kind: tool.kind === 'custom' ? 'custom' : 'function',
    name: tool.name,
    ...('namespace' in tool && tool.namespace !== undefined && { namespace: tool.namespace }),
  }));
  const mode = fc.constantFrom('auto', 'required').map((type) => ({ type }));
  return fc.record({ toolChoice: fc.oneof(mode, named) });
}
