import type { DialectId } from '../../../src/canonical/request.ts';

/** A tool call as the client sees it. */
export type Call = {
  id: string;
  kind: 'function' | 'custom';
  name: string;
  namespace?: string | undefined;
  input: string;
};

export type Counts = { input: number; output: number; cached: number; reasoning: number };

export type Finish = 'stop' | 'length' | 'tool-calls' | 'content-filter';

/** An answer as a client read it, independent of the wire. */
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

/** What a client asks for. */
export type Question = {
  /** Names of `tools` in question.ts. */
  tools?: readonly string[] | undefined;
  image?: boolean | undefined;
  schema?: boolean | undefined;
};

/**
 * A strict client of one dialect, written from the wire's documentation and SDKs, without CCR's own readers. Its readers
 * throw on any violation of the wire's rules.
 */
export type MatrixClient = {
  dialect: DialectId;
  ask(question: Question, stream: boolean): object;
  readStream(text: string): Answer;
  readWhole(text: string): Answer;
  /** The message of an error before any content. */
  readError(text: string): string;
  /** Converts a call of a matrix tool to the form in which this client declared that tool. */
  asDeclared(call: Omit<Call, 'id'>): Omit<Call, 'id'>;
};

export function emptyAnswer(): Answer {
  return { text: '', reasoning: '', refusal: '', calls: [] };
}

export function check(condition: boolean, rule: string, seen?: unknown): asserts condition {
  if (!condition) throw new Error(seen === undefined ? rule : `${rule}; seen: ${JSON.stringify(seen)}`);
}

/** A fault of the model or the provider that is passed on unchanged: broken arguments, unknown blocks. */
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

/** Parses a stream strictly: fields in order, a blank line after each event. Drops comments. */
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
