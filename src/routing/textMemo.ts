import type { JsonObject } from '../canonical/request.ts';
import { measureText, type Measure, type TextTokens } from './tokens.ts';

/** Shorter texts are measured faster than they are looked up. Characters. */
const shortText = 24;

/** A longer text is measured by windows of it. Characters. */
const longText = 8192;
const windows = 16;
const windowLength = 256;

/** Characters in the middle and at the end of a text that tell it from others of its length. */
const samples = 10;

/**
 * A measure that remembers texts, so that a turn of a conversation costs the estimate of what is new in it: clients send the
 * whole conversation again each time. A text is known by its length and a sample of its characters, which is faster than a
 * hash of all of it. Two texts that are taken for one have the same length, and so about the same number of tokens.
 */
export function createTextMemo(maxTexts: number): Measure {
  // Two generations in place of an order of use: a text that is used moves to the young one, and the old one is dropped.
  let young = new Map<number, TextTokens>();
  let old = new Map<number, TextTokens>();

  function remembered(key: number, measure: () => TextTokens): TextTokens {
    const known = young.get(key);
    if (known !== undefined) return known;
    const tokens = old.get(key) ?? measure();
    if (young.size >= maxTexts / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, tokens);
    return tokens;
  }

  return {
    text: (text) =>
      text.length < shortText ? measureText(text) : remembered(keyOfText(text), () => measureByWindows(text)),
    json: (json) => remembered(keyOfJson(json), () => measureByWindows(JSON.stringify(json) ?? '')),
  };
}

function measureByWindows(text: string): TextTokens {
  if (text.length <= longText) return measureText(text);
  const step = Math.floor((text.length - windowLength) / (windows - 1));
  const sum = { tokens: 0, cjk: 0 };
  for (let index = 0; index < windows; index++) {
    const { tokens, cjk } = measureText(text.slice(index * step, index * step + windowLength));
    sum.tokens += tokens;
    sum.cjk += cjk;
  }
  const share = text.length / (windows * windowLength);
  return { tokens: Math.round(sum.tokens * share), cjk: Math.round(sum.cjk * share) };
}

/** The length in the high bits, a hash of the sample in the low ones. */
function keyOfText(text: string): number {
  const { length } = text;
  const middle = length >> 1;
  let hash = 17;
  // Two runs, since each place of a long text that is read is a miss of the processor's cache.
  for (let index = 0; index < samples; index++) {
    hash = mixed(hash, text.charCodeAt(middle + index));
    hash = mixed(hash, text.charCodeAt(length - 1 - index));
  }
  return (length % 0x10_0000) * 0x1_0000_0000 + (hash >>> 0);
}

function keyOfJson(json: unknown): number {
  return 0x1f_ffff * 0x1_0000_0000 + (hashOfJson(json) >>> 0);
}

/** By the names, the lengths of texts and their first characters: faster than writing the JSON. */
function hashOfJson(json: unknown): number {
  if (typeof json === 'string') return mixed(json.length, json === '' ? 0 : json.charCodeAt(json.length >> 1));
  if (typeof json !== 'object' || json === null) return Number(json) | 0;
  let hash = 17;
  if (Array.isArray(json)) for (const value of json) hash = mixed(hash, hashOfJson(value));
  else
    for (const name in json) {
      hash = mixed(mixed(hash, name.length), name.charCodeAt(0));
      hash = mixed(hash, hashOfJson((json as JsonObject)[name]));
    }
  return hash;
}

function mixed(hash: number, value: number): number {
  return (Math.imul(hash, 31) + value) | 0;
}
