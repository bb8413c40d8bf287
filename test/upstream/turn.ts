import type { JsonObject } from './json.ts';

/** A tool as the client declared it, on any wire. */
export type DeclaredTool = {
  kind: 'function' | 'custom';
  name: string;
  namespace?: string;
  parameters: JsonObject;
};

/** What a script sees of a request: enough to decide as a model would, independent of the wire. */
export type Conversation = {
  model: string;
  tools: DeclaredTool[];
  lastUserText: string;
  /** Texts of the tool results after the last user message, oldest first. */
  toolResults: string[];
  /** The JSON schema that the answer must follow, if one was asked for. */
  outputSchema?: JsonObject;
};

/** `input` is raw text: JSON arguments for a function, free text for a custom tool. */
export type ToolCall = { tool: DeclaredTool; input: string };

/** One answer of the model. */
export type Turn = { reasoning: string; text: string; calls: ToolCall[] };

export type Outcome =
  | { kind: 'turn'; turn: Turn }
  /** An HTTP error. Without `body`, the provider's own error shape with `message`. */
  | { kind: 'refuse'; status: number; message?: string; code?: string; headers?: Record<string, string>; body?: string }
  /** Closes the connection after `afterContentEvents`. */
  | { kind: 'cut'; turn: Turn; afterContentEvents: number }
  /** Never answers, not even with headers. */
  | { kind: 'hang' }
  /** Goes silent after `afterContentEvents`, with the connection open. */
  | { kind: 'stall'; turn: Turn; afterContentEvents: number }
  /** HTTP 200, `afterContentEvents`, then the provider's error shape as a stream event. */
  | { kind: 'error-inside'; turn: Turn; afterContentEvents: number; message: string }
  /** A well-formed answer without content. */
  | { kind: 'empty' };

export type Script = (conversation: Conversation) => Outcome;
