import * as z from 'zod';
import { oneLine } from '../../canonical/visibleText.ts';
import type { GatewayState, RequestView } from '../../control/protocol.ts';

const count = z.number().catch(0);
const name = z.string().catch('');
const rows = <Row extends z.ZodType>(row: Row) => z.array(row).catch([]);

/** The five endpoints, loosely: gateways of the format that this one replaces lack some fields. */
const pageSchemas = {
  usage: z.looseObject({
    total_requests: count,
    total_failures: count,
    total_input_tokens: count,
    total_output_tokens: count,
    total_cost_usd: count,
    active_streams: count,
    active_requests: count,
    tiers: rows(
      z.looseObject({
        tier: name,
        requests: count,
        failures: count,
        input_tokens: count,
        output_tokens: count,
        cache_read_tokens: count,
        cost_usd: count,
      }),
    ),
  }),
  latencies: rows(z.looseObject({ tier: name, ewma_seconds: count })),
  drift: rows(z.looseObject({ tier: name, samples: count, cumulative_drift_pct: count, last_drift_pct: count })),
  throughput: rows(z.looseObject({ tier: name, avg_ttft_seconds: count, avg_tokens_per_second: count })),
  frontends: rows(z.looseObject({ frontend: name, requests: count, avg_latency_ms: count })),
};

export const pagePaths = {
  usage: '/v1/usage',
  latencies: '/v1/latencies',
  drift: '/v1/token-drift',
  throughput: '/v1/throughput',
  frontends: '/v1/frontend-metrics',
} satisfies Record<keyof typeof pageSchemas, string>;

export type PageName = keyof typeof pagePaths;

/** What the dashboard shows. Its texts have no control characters. */
export type Snapshot = {
  [Page in PageName]: z.infer<(typeof pageSchemas)[Page]>;
} & {
  /** Only of a gateway of this user: what the control API adds. */
  state?: GatewayState | undefined;
  /** The latest first. */
  recent?: RequestView[] | undefined;
};

/** Pages that failed are empty, but the first one has to be there. @throws if it has not the form of `/v1/usage` */
export function readSnapshot(
  pages: Record<PageName, unknown>,
  more: Pick<Snapshot, 'state' | 'recent'> = {},
): Snapshot {
  const { usage, latencies, drift, throughput, frontends } = pages;
  return withVisibleTexts({
    usage: pageSchemas.usage.parse(usage),
    latencies: pageSchemas.latencies.parse(latencies),
    drift: pageSchemas.drift.parse(drift),
    throughput: pageSchemas.throughput.parse(throughput),
    frontends: pageSchemas.frontends.parse(frontends),
    ...more,
  });
}

/** Of one text. Characters. */
const longestText = 500;

/** Names come from config files, clients and other machines: none may steer the terminal. */
function withVisibleTexts<Value>(value: Value): Value {
  if (typeof value === 'string') return oneLine(value, longestText) as Value;
  if (Array.isArray(value)) return value.map(withVisibleTexts) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withVisibleTexts(each)])) as Value;
}
