import type { DialectId } from '../../../src/canonical/request.ts';

/** A call as the client that declared its tool sees it. */
export type Call = {
  id: string;
  kind: 'function' | 'custom';
  name: string;
  namespace?: string | undefined;
  input: string;
};

export type Counts = { input: number; output: number; cached: number; reasoning: number };

export type Finish = 'stop' | 'length' | 'tool-calls' | 'content-filter';

/** What a client read from an answer, in any dialect. */
export type Answer = {
  text: string;
  reasoning: string;
  refusal: string;
  calls: Call[];
  finish?: Finish | undefined;
  usage?: Counts | undefined;
  /** The message of the error in which a stream ended. */
  error?: string | undefined;
};

/** What a client must request. */
export type Question = {
  /** Of `tools` in cases.ts, by name. */
  tools?: readonly string[] | undefined;
  image?: boolean | undefined;
  schema?: boolean | undefined;
};

/**
 * A strict client of one dialect, written from its documentation and SDKs and without CCR's readers. It throws if an answer
 * breaks a rule of the dialect.
 */
export type MatrixClient = {
  dialect: DialectId;
  ask(question: Question, stream: boolean): object;
  readStream(text: string): Answer;
  readWhole(text: string): Answer;
  /** The message of an error before any content. */
  readError(text: string): string;
  /** The tool of the matrix as this client declares it and expects it to be called. */
  asDeclared(call: Omit<Call, 'id'>): Omit<Call, 'id'>;
};

export function emptyAnswer(): Answer {
  return { text: '', reasoning: '', refusal: '', calls: [] };
}

export function check(condition: boolean, rule: string, seen?: unknown): asserts condition {
  if (!condition) throw new Error(seen === undefined ? rule : `${rule}; seen: ${JSON.stringify(seen)}`);
}

/** Faults of a model or provider that are passed on unchanged: invalid arguments, unknown blocks. */
export class TheirFault extends Error {}

export function parseInput(input: string): unknown {
  try {
    return JSON.parse(input) as unknown;
  } catch (thrown) {
    throw new TheirFault(`The input of a call is JSON; seen: ${input}`, { cause: thrown });
  }
}

export function unknownBlock(block: unknown): never {
  throw new TheirFault(`A block is of a known type; seen: ${JSON.stringify(block)}`);
}

/** Any JSON object. */
export type Json = { [key: string]: any }; // oxlint-disable-line typescript/no-explicit-any

export type Event = { event: string | undefined; data: string };

/** Parses the events of a stream strictly: fields in order, each event ended by a blank line. Skips comments. */
export function readEvents(text: string): Event[] {
  check(text === '' || text.endsWith('\n\n'), 'the last event is ended by a blank line');
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((block) => !block.startsWith(':'))
    .map((block) => {
      const match = /^(?:event: ([\w.]+)\n)?data: ([^\n]*)$/.exec(block);
      check(match !== null, 'an event has one data line, and its name before', block);
      return { event: match[1], data: match[2] ?? '' };
    });
}

export function unique(ids: unknown[], what: string): void {
  check(new Set(ids).size === ids.length, `${what} are unique`, ids);
}
