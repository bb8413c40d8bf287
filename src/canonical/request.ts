// The canonical request, which every dialect reads into and writes from.

export type JsonObject = { [key: string]: unknown };

export type DialectId = 'openai-chat' | 'openai-responses' | 'anthropic-messages';

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/**
 * A request is never mutated, and only the functions of editRequest.ts make one: a literal or an object spread is not a
 * ChatRequest. So no edit can keep `source` by accident and make the relay send the unedited JSON.
 */
export type ChatRequest = Readonly<ChatFields> & {
  /** The client's original, for the relay. Dropped by every canonical edit that the relay can't apply to it. */
  readonly source?: RequestSource | undefined;
} & RequestBrand;

/** Never exists at run time. TypeScript omits private members from spreads, which makes the type unreachable by one. */
declare abstract class RequestBrand {
  private readonly brand: never;
}

export type ChatFields = {
  /** The client's model name; absent when the URL (a preset, a scope) decides. */
  model?: string | undefined;
  messages: Message[];
  tools: Tool[];
  toolChoice: ToolChoice;
  parallelToolCalls?: boolean | undefined;
  stream: boolean;
  sampling: Sampling;
  reasoning?: ReasoningOptions | undefined;
  outputFormat?: OutputFormat | undefined;
  verbosity?: 'low' | 'medium' | 'high' | undefined;
  /** `prompt_cache_key`: providers that cache by key get it unchanged. */
  cacheKey?: string | undefined;
  metadata?: JsonObject | undefined;
  /** Parameters that the canonical form does not model, by their Chat Completions name (from a preset). */
  extra?: JsonObject | undefined;
  /** Whether a streamed Chat Completions reply ends with a usage chunk (`stream_options.include_usage`). */
  includeUsage?: boolean | undefined;
  /** The client wants a summary of the conversation to continue from, instead of an answer. */
  compaction?: boolean | undefined;
  /**
   * The client wants an opaque proof with the reasoning (`include: ["reasoning.encrypted_content"]`), and may not send back
   * reasoning without one.
   */
  wantsProofs?: boolean | undefined;
  /** Messages for the user about parts of the request that are ignored. */
  warnings?: string[] | undefined;
  /** For clients that keep the conversation on the server and send only new messages. */
  continuation?: Continuation | undefined;
  dialectParameters?: DialectParameters | undefined;
};

export type Continuation = {
  /** The reply that this request continues. */
  previousId?: string | undefined;
  /** Whether the client may continue from the reply to this request. */
  keep: boolean;
  /** The number of messages at the start that apply to this request only (`instructions`). */
  passing: number;
  /** The number of messages after the `passing` ones that were already stored before this request. */
  known?: number | undefined;
  /** The provider account that stores the previous reply under the same id. */
  holder?: string | undefined;
  /** Whether this request goes to the `holder`: then `messages` holds only new messages, and `known` is absent. */
  held?: boolean | undefined;
};

/**
 * Parameters of the client's dialect that the canonical form does not model, but whose loss would change the answer. The
 * writer of that dialect adds them if there is no `source`. If a parameter can't be sent to the provider, CCR warns.
 */
export type DialectParameters = { dialect: DialectId; parameters: JsonObject };

export type RequestSource = { dialect: DialectId; body: JsonObject };

/** `tool` messages only hold tool-result parts. */
export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export type Message = { role: Role; parts: Part[] };

export type Sampling = {
  /** Tokens. */
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  stop?: string[] | undefined;
  seed?: number | undefined;
  frequencyPenalty?: number | undefined;
  presencePenalty?: number | undefined;
};

export type ReasoningOptions = {
  effort?: Effort | undefined;
  /** Thinking is turned on without an effort or a budget. */
  isOn?: true | undefined;
  /** Tokens. */
  budgetTokens?: number | undefined;
  summary?: string | undefined;
};

export type OutputFormat =
  | { type: 'text' }
  | { type: 'json-object' }
  | {
      type: 'json-schema';
      name: string;
      schema: JsonObject;
      strict?: boolean | undefined;
      description?: string | undefined;
    };

export type ToolKind = 'function' | 'custom';

/** A tool's kind, name and namespace as the client declared them. */
export type ToolIdentity = { kind: ToolKind; name: string; namespace?: string | undefined };

export type FunctionTool = ToolIdentity & {
  kind: 'function';
  description?: string | undefined;
  /** The client's description of the whole namespace. */
  namespaceDescription?: string | undefined;
  /** JSON Schema of the input object. */
  parameters: JsonObject;
  strict?: boolean | undefined;
  cacheControl?: JsonObject | undefined;
};

/** A tool whose input is free text, optionally constrained by a grammar (Codex's apply_patch). */
export type CustomTool = ToolIdentity & {
  kind: 'custom';
  description?: string | undefined;
  namespaceDescription?: string | undefined;
  /** The dialect's own `format` object, e.g. `{ type: 'grammar', syntax: 'lark', definition }`. */
  format?: JsonObject | undefined;
};

/** A tool that the provider runs (web_search, image_generation): passed on unchanged, or dropped with a warning. */
export type HostedTool = { kind: 'hosted'; name: string; dialect: DialectId; json: JsonObject };

export type Tool = FunctionTool | CustomTool | HostedTool;

export type ToolChoice =
  | { type: 'auto' | 'none' | 'required' }
  | { type: 'tool'; kind: ToolKind; name: string; namespace?: string | undefined }
  | { type: 'hosted'; json: JsonObject };

export type Part =
  | TextPart
  | ImagePart
  | FilePart
  | AudioPart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | NativePart;

/** Anthropic's `cache_control`, kept on any part that had one. */
type Cached = { cacheControl?: JsonObject | undefined };

export type TextPart = Cached & {
  type: 'text';
  text: string;
  /** Codex's `phase` of an assistant message (`commentary`, `final_answer`), echoed unchanged. */
  phase?: string | undefined;
};
/** `url` is https or a data URL. The gateway never fetches it. */
export type ImagePart = Cached & { type: 'image'; url: string; detail?: string | undefined };
export type FilePart = Cached & {
  type: 'file';
  filename?: string | undefined;
  /** A data URL. */
  data?: string | undefined;
  fileId?: string | undefined;
  url?: string | undefined;
};
/** `data` is base64. */
export type AudioPart = Cached & { type: 'audio'; data: string; format: string };
export type RefusalPart = { type: 'refusal'; text: string };
export type ReasoningPart = {
  type: 'reasoning';
  text: string;
  /** Opaque data that the provider needs to accept this reasoning again. */
  proof?: Proof | undefined;
};
export type ToolCallPart = Cached & {
  type: 'tool-call';
  id: string;
  name: string;
  namespace?: string | undefined;
  kind: ToolKind;
  /** Raw text: JSON for a function, anything for a custom tool. Parsed only for dialects that need an object. */
  input: string;
};
export type ToolResultPart = Cached & {
  type: 'tool-result';
  callId: string;
  kind: ToolKind;
  isError: boolean;
  parts: Part[];
};
/** Something that only its own dialect understands. Other dialects leave it out, or write `textForOtherDialects`. */
export type NativePart = Cached & {
  type: 'native';
  dialect: DialectId;
  json: JsonObject;
  /** What replaces it for a provider that can't read it, such as another provider's encrypted summary. */
  textIfUnreadable?: string | undefined;
  /** Text that other dialects write in its place, so that the model knows that something was there. */
  textForOtherDialects?: string | undefined;
  /** Whether it refers to the reasoning of its turn, stored by the provider. */
  isReasoning?: boolean | undefined;
};

export type Proof =
  /** OpenRouter's and MiniMax's `reasoning_details`, merged by index. */
  | { type: 'details'; details: JsonObject[] }
  /** Anthropic's signature over a thinking block. */
  | { type: 'signature'; signature: string }
  /** Anthropic's `redacted_thinking`, which only the provider can read. It has no text. */
  | { type: 'redacted'; data: string }
  /** Responses' `encrypted_content`. */
  | { type: 'encrypted'; data: string }
  /**
   * Gemini's signature over its thinking before a call: `call` is the index among the calls of the turn. Without it, the
   * signature belongs to the turn's text. It comes without the thinking's text, or with a summary of it.
   */
  | { type: 'thought-signature'; signature: string; call?: number | undefined };
