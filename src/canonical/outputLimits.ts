// Limits of output tokens, as providers state them when they refuse a request.

/** What a refusal says about output tokens. `room` holds for this prompt, the others for the model. */
export type OutputLimit =
  | { type: 'room'; tokens: number }
  | { type: 'most'; tokens: number }
  | { type: 'least'; tokens: number }
  /** The prompt alone is too long: by `over` tokens, with `window` for all of it. */
  | { type: 'no-room'; over: number; window: number };

/** An answer in less room than this would be cut off at once; the client should rather compact the conversation. Tokens. */
const leastRoom = 256;

/**
 * Reads the limit in a refusal's message. `asked` is the limit that was sent; undefined if none was.
 * Undefined if the message states none, or none that the request exceeds.
 */
export function readOutputLimit(message: string, asked: number | undefined): OutputLimit | undefined {
  // "1,048,576 tokens".
  const text = message.replaceAll(/(\d),(?=\d{3}(?!\d))/g, '$1');
  const usage = readUsage(text, asked);
  if (usage) return roomOf(usage, asked);
  const most = mostWords.reduce<number | undefined>((found, words) => found ?? words(text), undefined);
  if (most !== undefined) return most > 0 && (asked ?? 0) > most ? { type: 'most', tokens: most } : undefined;
  const least = leastWords.exec(text)?.[1];
  return least !== undefined && asked !== undefined && asked < Number(least)
    ? { type: 'least', tokens: Number(least) }
    : undefined;
}

/** Tokens of the window and of the prompt. With `isLowerBound` the prompt may be longer. */
type Usage = { window: number; prompt: number; isLowerBound?: boolean };

function roomOf({ window, prompt, isLowerBound }: Usage, asked: number | undefined): OutputLimit | undefined {
  const left = window - prompt;
  const room = isLowerBound ? Math.floor(left / 2) : left;
  const needed = Math.min(leastRoom, Math.ceil((asked ?? Number.POSITIVE_INFINITY) / 2));
  if (room < needed) return { type: 'no-room', over: needed - left, window };
  return asked === undefined || room < asked ? { type: 'room', tokens: room } : undefined;
}

/** Named groups: `window`; `prompt`, or `total` with `output`, or `total` that includes what was asked for. */
const usageWords: readonly RegExp[] = [
  // vLLM: "maximum context length is 40960 tokens and your request has 12000 input tokens", "your prompt contains at least 769 input tokens".
  /maximum context length (?:is|of) (?<window>\d+)\b.*?\b(?<bound>at least )?(?<prompt>\d+) input tokens/is,
  // OpenAI, DeepSeek, OpenRouter: "you requested 44000 tokens (12000 in the messages, 32000 in the completion)".
  /maximum context length (?:is|of) (?<window>\d+)\b.*?requested (?:about )?(?<total>\d+) tokens \([^)]*?(?<output>\d+) (?:in|for) the (?:completion|output)/is,
  // SGLang: "You requested a total of 44000 tokens: 12000 tokens from the input messages and 32000 tokens for the completion."
  /maximum context length (?:is|of) (?<window>\d+)\b.*?(?<prompt>\d+) tokens from the input/is,
  // Anthropic: "input length and `max_tokens` exceed context limit: 150000 + 64000 > 200000".
  /exceed context (?:limit|window): (?<prompt>\d+) \+ \d+ > (?<window>\d+)/i,
  // TGI, Together: "must be <= 32769. Given: 12000 `inputs` tokens and 32000 `max_new_tokens`".
  /must be <= (?<window>\d+)\. given: (?<prompt>\d+) `inputs` tokens/i,
  // Moonshot: "Your request exceeded model token limit: 262144 (requested: 270000)".
  /exceeded model token limit: (?<window>\d+) \(requested: (?<total>\d+)\)/i,
  // Cerebras: "Current length is 33037 while limit is 32768".
  /current length is (?<total>\d+) while limit is (?<window>\d+)/i,
  // Mistral: "Prompt contains 12000 tokens and 0 draft tokens, too large for model with 32768 maximum context length".
  /prompt contains (?<prompt>\d+) tokens.*?(?<window>\d+) maximum context length/is,
  // xAI: "maximum prompt length is 131072 but the request contains 140000 tokens".
  /maximum prompt length is (?<window>\d+) but the request contains (?<prompt>\d+) tokens/i,
  // Anthropic: "prompt is too long: 210000 tokens > 200000 maximum".
  /prompt is too long: (?<prompt>\d+) tokens > (?<window>\d+) maximum/i,
];

function readUsage(text: string, asked: number | undefined): Usage | undefined {
  for (const words of usageWords) {
    const { window, prompt, total, output, bound } = words.exec(text)?.groups ?? {};
    if (window === undefined) continue;
    if (prompt !== undefined)
      return { window: Number(window), prompt: Number(prompt), isLowerBound: bound !== undefined };
    // Whether a bare total includes the answer is not said: if it does not, the next refusal is about the prompt alone.
    if (total !== undefined) return { window: Number(window), prompt: Number(total) - Number(output ?? asked ?? 0) };
  }
  return asked === undefined ? undefined : usageByNumbers(text, asked);
}

/** "Input (12000) and max_tokens (32000) exceed the context window of 40960": the one pair of numbers that explains it. */
function usageByNumbers(text: string, asked: number): Usage | undefined {
  if (
    !/\b(context|window|model.{0,20}limit|token limit)\b/i.test(text) ||
    !/exceed|large|long|greater|more than|>/i.test(text)
  )
    return undefined;
  const numbers = [...new Set([...text.matchAll(/\b\d{3,9}\b/g)].map(Number))];
  if (!numbers.includes(asked)) return undefined;
  const others = numbers.filter((number) => number !== asked && !(numbers.includes(number - asked) && number > asked));
  const [smaller, larger] = others.toSorted((a, b) => a - b);
  if (others.length !== 2 || smaller === undefined || larger === undefined || smaller + asked <= larger)
    return undefined;
  return { window: larger, prompt: smaller };
}

const name = String.raw`max(?:imum)?[\s_]*(?:output|completion|new)?[\s_]*tokens?`;

function numberIn(pattern: RegExp, change = 0): (text: string) => number | undefined {
  return (text) => {
    const found = pattern.exec(text)?.[1];
    return found === undefined ? undefined : Number(found) + change;
  };
}

/** The most that a model writes. */
const mostWords: readonly ((text: string) => number | undefined)[] = [
  // Anthropic: "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for claude-…".
  numberIn(/\d+ > (\d+), which is the maximum allowed number of output tokens/i),
  // DeepSeek: "the valid range of max_tokens is [1, 8192]"; DashScope: "Range of max_tokens should be [1, 65536]".
  numberIn(new RegExp(String.raw`range of \W?${name}\W{0,2} (?:is|should be|must be) \[\d+, ?(\d+)\]`, 'i')),
  // OpenAI: "This model supports at most 16384 completion tokens".
  numberIn(/supports? (?:at most|up to|a maximum of) (\d+) (?:completion|output) tokens/i),
  // Vertex: "the supported range is from 1 (inclusive) to 65537 (exclusive)".
  numberIn(/maxOutputTokens\b.*\bto (\d+) \(exclusive\)/i, -1),
  // Bedrock: "The maximum tokens you requested exceeds the model limit of 4096."
  numberIn(/maximum tokens you requested exceeds the model limit of (\d+)/i),
  // Groq, OpenAI, Cohere: "`max_tokens` must be less than or equal to `8192`", "Expected a value <= 128000".
  numberIn(
    new RegExp(
      String.raw`\b${name}\b.{0,100}?(?:less than or equal to|<=|at most|no more than|(?:not|cannot|can't) exceed|exceeds? (?:the )?(?:model )?(?:maximum|limit)(?: value)?(?: of)?|between \d+ and)\D{0,12}(\d+)`,
      'is',
    ),
  ),
  // In Chinese, as Z.AI and others write it: "max_tokens参数非法。请检查文档。限制数值范围[1,98304]".
  numberIn(/max_(?:output_|completion_)?tokens.{0,40}范围\D{0,6}\[\d+, ?(\d+)\]/is),
  // "The requested max_tokens (64000) exceeds the output limit of 8192 for this model".
  numberIn(new RegExp(String.raw`\b${name}\b.{0,40}?exceeds? (?:the )?(?:\w+ ){0,3}limit of (\d+)`, 'is')),
  // MiniMax: "max_tokens must be less than 8192".
  numberIn(new RegExp(String.raw`\b${name}\b.{0,40}?(?:less than|<) \D{0,3}(\d+)`, 'is'), -1),
];

/** OpenAI: "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead." */
const leastWords = new RegExp(
  String.raw`\b${name}\b.{0,100}?(?:greater than or equal to|>=|at least|minimum(?: value)?(?: is| of))\D{0,12}(\d+)`,
  'is',
);
