/** What is counted of requests. Tokens; `inputTokens` includes cached ones. `nanoUsd`: billionths of a USD, so that sums are exact. */
export type Counts = {
  /** Attempts at providers, failed ones included. */
  requests: number;
  failures: number;
  /** Answers, complete or broken off, and what they used. */
  answers: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  nanoUsd: number;
  /** The part of `nanoUsd` that rests on estimated tokens or a guessed price. */
  estimatedNanoUsd: number;
  /** Answers whose price is unknown; they are not in `nanoUsd`. */
  unpriced: number;
  /** Answers whose tokens are estimated, since the provider did not report them. */
  estimated: number;
  durationMs: number;
};

/** What counts can be grouped by. */
export const dimensions = ['tier', 'model', 'class', 'client', 'preset', 'conversation'] as const;
export type Dimension = (typeof dimensions)[number];

/** The values of a request; a dimension that does not apply is ''. */
export type Labels = Record<Dimension, string>;

export type Cell = { labels: Labels; counts: Counts };

type Bucket = { atMs: number; lengthMs: number; cells: Map<string, Cell> };

export type LedgerSnapshot = { totals: Cell[]; buckets: { atMs: number; lengthMs: number; cells: Cell[] }[] };

/** Counts of requests by labels and by time: to the minute for a day, then to the hour. */
export type UsageLedger = {
  add(labels: Labels, counts: Partial<Counts>): void;
  /** Groups by a dimension, by name. Without `sinceMs` (Unix time) since the statistics began. */
  groups(by: Dimension, sinceMs?: number): { name: string; counts: Counts }[];
  snapshot(): LedgerSnapshot;
  restore(snapshot: LedgerSnapshot): void;
  clear(): void;
};

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A quarter, as far as any window of time goes back. */
const longestMs = 92 * dayMs;

/** The oldest buckets are dropped first. Some 10 MB. */
const maxCells = 20_000;

/** Different values of each dimension but the conversation: config files have fewer, and reloads can't add up to more. */
const maxValues = 500;

/** Without the window of time, the least recently used conversations are evicted. */
const maxConversations = 1000;

const manyOthers = 'other';

export function createUsageLedger(now: () => number): UsageLedger {
  const totals = new Map<string, Cell>();
  const conversations = new Map<string, Cell>();
  const values = createValues();
  /** Oldest first. */
  let buckets: Bucket[] = [];

  function bucketOf(atMs: number): Bucket {
    const start = atMs - (atMs % minuteMs);
    const last = buckets.at(-1);
    // If the clock was set back, count in the newest bucket.
    if (last && last.atMs >= start) return last;
    const fresh: Bucket = { atMs: start, lengthMs: minuteMs, cells: new Map() };
    buckets.push(fresh);
    buckets = bound(buckets, atMs);
    return fresh;
  }

  function cellsSince(by: Dimension, sinceMs: number | undefined): Iterable<Cell> {
    if (sinceMs === undefined) return by === 'conversation' ? conversations.values() : totals.values();
    const recent = buckets.filter(({ atMs, lengthMs }) => atMs + lengthMs > sinceMs);
    return recent.flatMap(({ cells }) => [...cells.values()]);
  }

  return {
    add(given, counts) {
      let total = totals.get(keyOf(given, ''));
      const labels = total ? given : values.bounded(given);
      total ??= cellIn(totals, { ...labels, conversation: '' });
      addTo(total.counts, counts);
      addTo(cellIn(bucketOf(now()).cells, labels).counts, counts);
      addConversation(conversations, labels, counts);
    },
    groups(by, sinceMs) {
      const found = new Map<string, Counts>();
      for (const { labels, counts } of cellsSince(by, sinceMs)) {
        const name = labels[by];
        const sum = found.get(name) ?? emptyCounts();
        addTo(sum, counts);
        found.set(name, sum);
      }
      return [...found].map(([name, counts]) => ({ name, counts })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    snapshot: () => ({
      totals: [...totals.values()],
      buckets: buckets.map(({ cells, ...time }) => ({ ...time, cells: [...cells.values()] })),
    }),
    restore(snapshot) {
      for (const { labels, counts } of snapshot.totals) addTo(cellIn(totals, values.bounded(labels)).counts, counts);
      buckets = snapshot.buckets.map(({ cells, ...time }) => {
        const bucket: Bucket = { ...time, cells: new Map() };
        for (const { labels, counts } of cells) {
          addTo(cellIn(bucket.cells, values.bounded(labels)).counts, counts);
          addConversation(conversations, labels, counts);
        }
        return bucket;
      });
      buckets = bound(buckets, now());
    },
    clear() {
      totals.clear();
      conversations.clear();
      buckets = [];
      values.clear();
    },
  };
}

/** The values of labels so far. They come from the config and from fixed lists; their number is bounded even if one did not. */
function createValues() {
  const named = dimensions.filter((name) => name !== 'conversation');
  const values = new Map<Dimension, Set<string>>(named.map((name) => [name, new Set()]));
  return {
    bounded(labels: Labels): Labels {
      const bounded = { ...labels };
      for (const [name, known] of values) {
        if (known.size >= maxValues && !known.has(labels[name])) bounded[name] = manyOthers;
        else known.add(labels[name]);
      }
      return bounded;
    },
    clear: () => values.forEach((known) => known.clear()),
  };
}

function addConversation(conversations: Map<string, Cell>, labels: Labels, counts: Partial<Counts>): void {
  const name = labels.conversation;
  if (name === '') return;
  const before = conversations.get(name) ?? { labels, counts: emptyCounts() };
  conversations.delete(name);
  conversations.set(name, before);
  addTo(before.counts, counts);
  if (conversations.size <= maxConversations) return;
  const [oldest] = conversations.keys();
  if (oldest !== undefined) conversations.delete(oldest);
}

/** Joins minutes that are over a day old to hours, and drops what is too old or too much. */
function bound(buckets: readonly Bucket[], nowMs: number): Bucket[] {
  const kept: Bucket[] = [];
  for (const bucket of buckets) {
    if (bucket.atMs < nowMs - longestMs) continue;
    const last = kept.at(-1);
    const hour = bucket.atMs - (bucket.atMs % hourMs);
    const isOld = bucket.lengthMs < hourMs && bucket.atMs < nowMs - dayMs;
    if (!isOld) kept.push(bucket);
    else if (last?.atMs === hour && last.lengthMs === hourMs) merge(last, bucket);
    else kept.push({ ...bucket, atMs: hour, lengthMs: hourMs });
  }
  let cells = kept.reduce((sum, each) => sum + each.cells.size, 0);
  while (cells > maxCells && kept.length > 1) cells -= kept.shift()?.cells.size ?? 0;
  return kept;
}

function merge(into: Bucket, { cells }: Bucket): void {
  for (const { labels, counts } of cells.values()) addTo(cellIn(into.cells, labels).counts, counts);
}

function keyOf({ tier, model, class: kind, client, preset }: Labels, conversation: string): string {
  return `${tier}\n${model}\n${kind}\n${client}\n${preset}\n${conversation}`;
}

function cellIn(cells: Map<string, Cell>, labels: Labels): Cell {
  const key = keyOf(labels, labels.conversation);
  const known = cells.get(key);
  if (known) return known;
  const fresh = { labels, counts: emptyCounts() };
  cells.set(key, fresh);
  return fresh;
}

export const countNames = [
  'requests',
  'failures',
  'answers',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'nanoUsd',
  'estimatedNanoUsd',
  'unpriced',
  'estimated',
  'durationMs',
] as const satisfies (keyof Counts)[];

export function emptyCounts(): Counts {
  return Object.fromEntries(countNames.map((name) => [name, 0])) as Counts;
}

export function addTo(sum: Counts, counts: Partial<Counts>): void {
  for (const name of countNames) {
    const count = counts[name];
    if (count) sum[name] += count;
  }
}
