import { isObject, parseJson } from './json.ts';
import { scanOn, startScan, type ScanStop } from './objectScanner.ts';
import type { JsonObject } from './request.ts';

/**
 * An object whose text is not quite JSON: with numbers that JSON does not have (sglang#20323, mlx-omni-server#56), control
 * characters in its strings and what else scanOn repairs. Undefined for any other text, also for one that is cut off.
 */
export function parseLenient(text: string): JsonObject | undefined {
  const scan = startScan();
  scan.text = text;
  let stop: ScanStop = 'key';
  while (stop === 'key' || stop === 'value') {
    // A comma in front of nothing belongs to a member that was removed; here none is.
    scan.hasMembers = true;
    stop = scanOn(scan);
  }
  if (stop !== 'done' || scan.text.slice(scan.cursor).trim() !== '') return undefined;
  const value = parseJson(scan.text);
  return isObject(value) ? value : undefined;
}
