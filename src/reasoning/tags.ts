import { rememberByObject } from '../canonical/remember.ts';

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

/** The tags of all pairs. */
export const pairTags: readonly string[] = [...tagPairs.map(({ open }) => open), ...closers];

/** Every opening and closing tag. */
export const tags: readonly string[] = [...pairTags, answerOpener];

/** No tag begins with another character. */
export const firstOfTag = /[<[◁]/;

/** The number of characters at the end of `text` that may be the beginning of one of `tags`. 0 for a whole tag. */
export function partialTagLength(text: string, tags: readonly string[]): number {
  const { byFirst, longest } = indexTags(tags);
  for (let length = Math.min(longest - 1, text.length); length > 0; length--) {
    const group = byFirst.get(text.charAt(text.length - length));
    if (!group) continue;
    const end = text.slice(-length);
    if (group.tags.some((tag) => tag.length > length && tag.startsWith(end))) return length;
  }
  return 0;
}

/** The first of `tags` in `text`, from the index `from` on. Looks for what groups of tags begin with: a search for each would be slow. */
export function findTag(text: string, tags: readonly string[], from = 0): { index: number; tag: string } | undefined {
  const { groups } = indexTags(tags);
  // Not in all of the text at once: what it has none of would be searched to its end for each tag of another group.
  let start = from;
  for (let length = firstLength; ; length *= 4) {
    const end = Math.min(text.length, start + length);
    let found: { index: number; tag: string } | undefined;
    for (const group of groups) found = findInGroup(group, text, start, found?.index ?? end) ?? found;
    if (found || end === text.length) return found;
    start = end;
  }
}

/** How much of a text is searched first. Characters. */
const firstLength = 4096;

/**
 * Tags that begin with the same character. `bySecond`: by the code of the next one; that of a tag without a next one is NaN.
 * `isSecond` has a 1 for each code of ASCII that may follow, and a last one for all others.
 */
type TagGroup = { first: string; bySecond: Map<number, string[]>; isSecond: Uint8Array; tags: string[] };
type TagIndex = { byFirst: Map<string, TagGroup>; groups: readonly TagGroup[]; longest: number };

const ascii = 128;

const indexTags = rememberByObject((tags: readonly string[]): TagIndex => {
  const byFirst = new Map<string, TagGroup>();
  for (const [first, each] of Map.groupBy(tags, (tag) => tag.charAt(0))) {
    const bySecond = Map.groupBy(each, (tag) => tag.charCodeAt(1));
    const isSecond = new Uint8Array(ascii + 1).fill(bySecond.has(NaN) ? 1 : 0);
    for (const code of bySecond.keys()) isSecond[code < ascii ? code : ascii] = 1;
    byFirst.set(first, { first, bySecond, isSecond, tags: each });
  }
  return { byFirst, groups: [...byFirst.values()], longest: Math.max(...tags.map(({ length }) => length)) };
});

/** The first tag of the group, before the index `end`. A search for one character is several times as fast as for more. */
function findInGroup({ first, bySecond, isSecond }: TagGroup, text: string, from: number, end: number) {
  // A search in all of the text would read it to its end for each tag of the other groups.
  const searched = end < text.length ? text.slice(0, end) : text;
  for (let index = searched.indexOf(first, from); index >= 0; index = searched.indexOf(first, index + 1)) {
    const code = text.charCodeAt(index + 1);
    // Most are no beginning of a tag.
    if (isSecond[code < ascii ? code : ascii] === 0) continue;
    const likely = bySecond.get(code);
    const tag = likely?.find((each) => text.startsWith(each, index)) ?? bySecond.get(NaN)?.[0];
    if (tag !== undefined) return { index, tag };
  }
  return undefined;
}
