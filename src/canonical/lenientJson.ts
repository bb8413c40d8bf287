import { isObject, parseJson } from './json.ts';
import { scanOn, startScan, takeScanned } from './objectScanner.ts';
import type { JsonObject } from './request.ts';

/** Longer texts are not repaired. Characters. */
const longest = 4 * 1024 * 1024;

/** Each repair copies the text that is being scanned, so it is scanned in pieces; what needs more than that has no meaning. Characters. */
const pieceLength = 4096;
const longestHeld = 16 * pieceLength;

/**
 * An object whose text is not quite JSON: with numbers that JSON does not have (sglang#20323, mlx-omni-server#56), control
 * characters in its strings and what else scanOn repairs. Undefined for any other text, also for one that is cut off.
 */
export function parseLenient(text: string): JsonObject | undefined {
  if (text.length > longest || !/^\s*\{/.test(text)) return undefined;
  const scan = startScan();
  // A comma in front of nothing belongs to a member that was removed; here none is.
  scan.hasMembers = true;
  let repaired = '';
  for (let at = 0; at < text.length; at += pieceLength) {
    scan.text += text.slice(at, at + pieceLength);
    while (scan.position !== 'done' && scanOn(scan) !== 'text-end');
    if (scan.position === 'done' && scan.text.slice(scan.cursor).trim() !== '') return undefined;
    repaired += takeScanned(scan, scan.cursor);
    if (scan.text.length > longestHeld) return undefined;
  }
  const value = scan.position === 'done' ? parseJson(repaired) : undefined;
  return isObject(value) ? value : undefined;
}
