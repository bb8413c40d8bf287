/**
 * Appends to a list of which only the latest `most` entries count: readers take `list.slice(-most)`. The oldest are removed many at a
 * time, since removing one makes V8 copy the whole list.
 */
export function pushLatest<Entry>(list: Entry[], entry: Entry, most: number): void {
  list.push(entry);
  if (list.length >= most + Math.max(16, most >> 2)) list.splice(0, list.length - most);
}
