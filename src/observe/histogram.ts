export type Histogram = {
  observe(label: string, value: number): void;
  /** What prom-client's registry calls for its text. */
  get(): Promise<object>;
  name: string;
};

type Sums = { counts: number[]; sum: number; count: number };

export type HistogramOptions = {
  name: string;
  help: string;
  /** The name of its label. */
  label: string;
  /** Upper limits, in their order. */
  buckets: readonly number[];
};

/** A histogram by one label, of which a request costs an addition: prom-client's sorts and joins the labels each time. */
export function createHistogram({ name, help, label, buckets }: HistogramOptions): Histogram {
  const byLabel = new Map<string, Sums>();

  const valuesOf = ([value, { counts, sum, count }]: [string, Sums]) => {
    let below = 0;
    const labels = { [label]: value };
    const limits = buckets.map((limit, at) => ({
      labels: { le: limit, ...labels },
      value: (below += counts[at] ?? 0),
      metricName: `${name}_bucket`,
    }));
    return [
      ...limits,
      { labels: { le: '+Inf', ...labels }, value: count, metricName: `${name}_bucket` },
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  };

  return {
    name,
    get: () => Promise.resolve({ name, help, type: 'histogram', values: [...byLabel].flatMap(valuesOf) }),
    observe(value, amount) {
      let sums = byLabel.get(value);
      if (!sums) byLabel.set(value, (sums = { counts: buckets.map(() => 0), sum: 0, count: 0 }));
      sums.sum += amount;
      sums.count++;
      for (let at = 0; at < buckets.length; at++) {
        if (amount > (buckets[at] ?? 0)) continue;
        sums.counts[at] = (sums.counts[at] ?? 0) + 1;
        return;
      }
    },
  };
}
