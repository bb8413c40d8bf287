/** Tags that models write around their thinking when the host does not extract it. */
export type TagPair = { open: string; close: string };

/**
 * Only tags that hosts are known to send. Open WebUI also removes `<reasoning>` and `<reason>`, but models write those when a
 * prompt asks for them, so they are part of the answer.
 */
export const tagPairs: readonly TagPair[] = [
  { open: '<think>', close: '</think>' },
  { open: '<thinking>', close: '</thinking>' },
  // Gemini's thoughts as text (hajimi#292).
  { open: '<thought>', close: '</thought>' },
  // MiniMax M3 open weights (vllm#45687, MiniMax-Provider-Verifier#17).
  { open: '<mm:think>', close: '</mm:think>' },
  // Seed-OSS open weights (vLLM's reasoning parser "seed_oss").
  { open: '<seed:think>', close: '</seed:think>' },
  // Magistral open weights (llama.cpp's chat templates).
  { open: '[THINK]', close: '[/THINK]' },
  // Kimi-VL and K1.5 open weights (Kimi-VL#45).
  { open: '◁think▷', close: '◁/think▷' },
  // Kimi K3 open weights, where a server has no parser for its channels (pwilkin/llama.cpp#20).
  { open: '<|open|>think<|sep|>', close: '<|close|>think<|sep|>' },
];

export const closers: readonly string[] = tagPairs.map(({ close }) => close);

/** Kimi K3's answer begins with it. */
const answerOpener = '<|open|>response<|sep|>';

/** Every opening and closing tag. */
export const tags: readonly string[] = [...tagPairs.map(({ open }) => open), ...closers, answerOpener];

/** No tag begins with another character. */
export const firstOfTag = /[<[◁]/;

/** The number of characters at the end of `text` that may be the beginning of one of `tags`. 0 for a whole tag. */
export function partialTagLength(text: string, tags: readonly string[]): number {
  const longest = Math.max(...tags.map((tag) => tag.length)) - 1;
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (tags.some((tag) => tag.length > length && tag.startsWith(end))) return length;
  }
  return 0;
}

/** The first of `tags` in `text`, from the index `from` on. Looks for their few first characters: a search for each would be slow. */
export function findTag(text: string, tags: readonly string[], from = 0): { index: number; tag: string } | undefined {
  let found: { index: number; tag: string } | undefined;
  let searched = '';
  for (const { 0: first = '' } of tags) {
    if (searched.includes(first)) continue;
    searched += first;
    found = findTagWith(first, text, tags, from, found?.index) ?? found;
  }
  return found;
}

/** The first of `tags` that begins with `first`, before the index `end`. */
function findTagWith(first: string, text: string, tags: readonly string[], from: number, end = text.length) {
  for (let index = text.indexOf(first, from); index >= 0 && index < end; index = text.indexOf(first, index + 1)) {
    const tag = tags.find((each) => text.startsWith(each, index));
    if (tag !== undefined) return { index, tag };
  }
  return undefined;
}
