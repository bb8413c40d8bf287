// The one request that every dialect reads into and writes from.

export type JsonObject = { [key: string]: unknown };

export type DialectId = 'openai-chat' | 'openai-responses' | 'anthropic-messages';

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/**
 * A request is never mutated, and only the functions of editRequest.ts make one: a literal or an object spread is not a
 * ChatRequest. So no edit can keep `source` by accident, which would make the relay send the unedited JSON.
 */
export type ChatRequest = Readonly<ChatFields> & {
  /** What the client sent, for the relay. Every canonical edit that the relay can't carry over drops it. */
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
  /** The client wants a summary of the conversation, to go on from that, in place of an answer. */
  compaction?: boolean | undefined;
  /**
   * The client wants reasoning with an opaque proof of it (`include: ["reasoning.encrypted_content"]`), and may not send back
   * what has none.
   */
  wantsProofs?: boolean | undefined;
  /** What of the request counts for nothing, for a person to know. */
  warnings?: string[] | undefined;
  /** For clients that leave the conversation to the server and send only what is new. */
  continuation?: Continuation | undefined;
  dialectParameters?: DialectParameters | undefined;
};

export type Continuation = {
  /** The reply that this request goes on from. */
  previousId?: string | undefined;
  /** Whether the client may go on from the reply to this request. */
  keep: boolean;
  /** How many messages at the start are for this request alone (`instructions`). */
  passing: number;
  /** Of `messages`, behind the passing ones: those that were known before this request. */
  known?: number | undefined;
  /** The account at a provider that knows the previous reply by the same id. */
  holder?: string | undefined;
  /** It is the one that is asked: `messages` are what is new to it, `known` is gone. */
  held?: boolean | undefined;
};

/**
 * Parameters of the client's dialect that the canonical form does not model and whose loss changes the answer. If `source` is
 * gone, a writer of that dialect adds them. The gateway warns about those that a provider does not get.
 */
export type DialectParameters = { dialect: DialectId; parameters: JsonObject };

export type RequestSource = { dialect: DialectId; body: JsonObject };

/** `tool` messages hold nothing but tool-result parts. */
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

/** How a tool is called by whoever declared it. */
export type ToolIdentity = { kind: ToolKind; name: string; namespace?: string | undefined };

export type FunctionTool = ToolIdentity & {
  kind: 'function';
  description?: string | undefined;
  /** What the client says of the tool's namespace as a whole. */
  namespaceDescription?: string | undefined;
  /** JSON Schema of the input object. */
  parameters: JsonObject;
  strict?: boolean | undefined;
  cacheControl?: JsonObject | undefined;
};

/** A tool whose input is free text, perhaps bound by a grammar (Codex's apply_patch). */
export type CustomTool = ToolIdentity & {
  kind: 'custom';
  description?: string | undefined;
  namespaceDescription?: string | undefined;
  /** The wire's own `format` object, e.g. `{ type: 'grammar', syntax: 'lark', definition }`. */
  format?: JsonObject | undefined;
};

/** A tool that the provider itself runs (web_search, image_generation): kept as it came, or dropped with a warning. */
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

/** Anthropic's `cache_control`, kept beside any part that carried one. */
type Cached = { cacheControl?: JsonObject | undefined };

export type TextPart = Cached & {
  type: 'text';
  text: string;
  /** Codex's `phase` of an assistant message (`commentary`, `final_answer`), echoed as it came. */
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
  /** What the provider needs to accept this reasoning again, and text alone can't carry. */
  proof?: Proof | undefined;
};
export type ToolCallPart = Cached & {
  type: 'tool-call';
  id: string;
  name: string;
  namespace?: string | undefined;
  kind: ToolKind;
  /** Raw text: JSON for a function, anything for a custom tool. It is parsed only where a wire needs an object. */
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
  /** What every other dialect writes in its place, so that the model knows that something was there. */
  textForOtherDialects?: string | undefined;
  /** It refers to the reasoning of its turn, which the provider keeps. */
  isReasoning?: boolean | undefined;
};

export type Proof =
  /** OpenRouter's and MiniMax's `reasoning_details`, merged by index. */
  | { type: 'details'; details: JsonObject[] }
  /** Anthropic's signature over a thinking block. */
  | { type: 'signature'; signature: string }
  /** Anthropic's `redacted_thinking`: thinking that its provider alone can read. It comes without text. */
  | { type: 'redacted'; data: string }
  /** Responses' `encrypted_content`. */
  | { type: 'encrypted'; data: string }
  /**
   * Gemini's signature over what it thought before a call: `call` is its place among the calls of the turn. Without a place
   * it is that of the turn's text. It comes without the text of the thinking, or beside a summary of it.
   */
  | { type: 'thought-signature'; signature: string; call?: number | undefined };
