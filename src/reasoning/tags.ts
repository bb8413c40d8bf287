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
    if (group.some((tag) => tag.length > length && tag.startsWith(end))) return length;
  }
  return 0;
}

type Found = { index: number; tag: string };

/** The first of `tags` in `text`, from the index `from` on. Looks for a character that a group of tags has: a search for each would be slow. */
export function findTag(text: string, tags: readonly string[], from = 0): Found | undefined {
  const index = indexTags(tags);
  const { last } = index;
  if (from === 0 && last?.text === text) return last.found;
  const found = search(index.groups, text, from);
  if (from === 0 && text.length >= firstLength && text.length <= longestRemembered) index.last = { text, found };
  return found;
}

function search(groups: readonly TagGroup[], text: string, from: number): Found | undefined {
  // Not in all of the text at once: what it has none of would be searched to its end for each tag of another group.
  let start = from;
  for (let length = firstLength; ; length *= 4) {
    const end = Math.min(text.length, start + length);
    let found: Found | undefined;
    for (const group of groups) found = findInGroup(group, text, start, found?.index ?? end) ?? found;
    if (found || end === text.length) return found;
    start = end;
  }
}

/** How much of a text is searched first. Characters. */
const firstLength = 4096;

/** Characters. */
const longestRemembered = 256 * 1024;

/**
 * Tags that have the same character at the same place: the first that is no letter, since letters are frequent in a text. `isNext` has
 * a 1 for each code of ASCII that may follow it, and a last one for all others.
 */
type TagGroup = { character: string; place: number; isNext: Uint8Array; tags: string[] };
type TagIndex = {
  byFirst: Map<string, string[]>;
  groups: readonly TagGroup[];
  longest: number;
  /** The last long text that was searched: stages that follow each other search the same one. */
  last: { text: string; found: Found | undefined } | undefined;
};

const ascii = 128;

const indexTags = rememberByObject((tags: readonly string[]): TagIndex => {
  const groups = [...Map.groupBy(tags, (tag) => `${placeIn(tag)}${tag[placeIn(tag)]}`).values()].map(groupOf);
  const longest = Math.max(...tags.map(({ length }) => length));
  return { byFirst: Map.groupBy(tags, (tag) => tag.charAt(0)), groups, longest, last: undefined };
});

function placeIn(tag: string): number {
  return Math.max(0, tag.search(/[^a-z]/i));
}

function groupOf(tags: string[]): TagGroup {
  const [tag = ''] = tags;
  const place = placeIn(tag);
  const next = tags.map((each) => each.charCodeAt(place + 1));
  const isNext = new Uint8Array(ascii + 1).fill(next.some(Number.isNaN) ? 1 : 0);
  for (const code of next) isNext[code < ascii ? code : ascii] = 1;
  return { character: tag.charAt(place), place, isNext, tags };
}

/** The first tag of the group that begins before the index `end`. A search for one character is several times as fast as for more. */
function findInGroup({ character, place, isNext, tags }: TagGroup, text: string, from: number, end: number) {
  // A search in all of the text would read it to its end for each tag of the other groups.
  const searched = end + place < text.length ? text.slice(0, end + place) : text;
  let at = searched.indexOf(character, from + place);
  for (; at >= 0; at = searched.indexOf(character, at + 1)) {
    const code = text.charCodeAt(at + 1);
    // Most belong to no tag.
    if (isNext[code < ascii ? code : ascii] === 0) continue;
    const tag = tags.find((each) => text.startsWith(each, at - place));
    if (tag !== undefined) return { index: at - place, tag };
  }
  return undefined;
}
