import { tagPairs } from './tags.ts';

/** Where models begin and end thoughts in the middle of a text, as opposed to texts that show or name the tags. */

/** What introduces an example, or is not the end of a paragraph: `like this:`, `=`, an opening bracket, a tag, a comma. */
const introduces = /[:：>→=([{|\\"'“‘「『`,，、;；-][*_]*$/;
const heading = /^(?:#{1,6}\s|\*\*[^*]+\*\*$|__[^_]+__$|[=-]{3,}$)/;
/** Someone who writes about tags calls them so. */
const namesTags = /\btags?\b|\bdelimiters?\b|标签|標籤|タグ|태그/i;
const fenceEnd = /^(?:`{3,}|~{3,})$/;
const sentenceEnd = /[.!?。！？…][*_)）"'”」』]*$/;

/**
 * The most white space to skip after a closing tag in search of what follows. Models that are stuck send it endlessly.
 * Characters.
 */
const longestSpace = 1000;
/** The most to wait for the name of a tag that follows a closing tag. Characters. */
const longestName = 40;
/** Tags of tool calls that a server left in the text. */
const callTag = /^<(?:tool_calls?|function_calls?)>/;
const otherTag = /^<\/?[a-z][\w-]*>/i;
const partOfTag = /^<\/?(?:[a-z][\w-]*)?$/i;

/**
 * Whether a model may begin a thought after `before`, the text so far or its last 1000 characters: at its beginning, on a new
 * line after a finished paragraph, or directly after a sentence.
 */
export function beginsThought(before: string): boolean {
  const above = before.trimEnd();
  if (above === '') return true;
  if (namesTags.test(above.slice(-500))) return false;
  const space = before.slice(above.length);
  if (space === '') return sentenceEnd.test(above);
  if (!/\n {0,3}$/.test(space)) return false;
  const lastLine = above.slice(above.lastIndexOf('\n') + 1).trim();
  if (fenceEnd.test(lastLine)) return true;
  if (heading.test(lastLine) || introduces.test(above)) return false;
  return /\n[^\S\n]*\n/.test(space) || sentenceEnd.test(above);
}

/** Whether `after`, the text received after a closing tag, is enough to tell whether a thought has ended. */
export function isDecided(after: string): boolean {
  const begun = after.trimStart();
  if (begun === '') return after.length > longestSpace;
  return !partOfTag.test(begun) || begun.length > longestName;
}

/**
 * Whether a pair of tags around `inner` holds a thought. A pair at the beginning of a text always does. Elsewhere not what
 * only shows the tags (`<think>...</think>`, `<think>reasoning here</think>`), goes on in the same line as a sentence does,
 * or stands beside other tags, as in a prompt.
 */
export function endsThought(before: string, inner: string, after: string): boolean {
  if (before.trim() === '') return true;
  const begun = after.trimStart();
  const isOther = otherTag.test(begun) && !callTag.test(begun) && !tagPairs.some(({ open }) => begun.startsWith(open));
  if (isOther || /^["'`”」』]/.test(begun)) return false;
  const goesOn = /^[^\S\n]+\S/.test(after) || /^[,;:.)\]}，、。；：）!?！？]/.test(after);
  if (goesOn) return false;
  const thought = inner.trim();
  if (thought === '') return inner.includes('\n');
  const isOneLine = !thought.includes('\n');
  if (isOneLine && (!sentenceEnd.test(thought) || !/\p{L}/u.test(thought))) return false;
  // Within a line, a short pair may be part of the sentence.
  const isInline = !/\n[^\S\n]*$/.test(before);
  return !(isInline && !inner.includes('\n') && /^\S/.test(after));
}

/** What follows a thought that was taken out: `after` without the white space that stands before the thought already. */
export function joined(before: string, after: string): string {
  if (before.trim() === '') return after.trimStart();
  const text = after.trimStart();
  const space = after.slice(0, after.length - text.length);
  const there = lineEnds(before.slice(before.trimEnd().length));
  if (there === 0) return after;
  const last = space.lastIndexOf('\n');
  const more = lineEnds(space) - there;
  return (more > 0 ? '\n'.repeat(more) : '') + (last === -1 ? '' : space.slice(last + 1)) + text;
}

function lineEnds(space: string): number {
  return space.split('\n').length - 1;
}
