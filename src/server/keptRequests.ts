import * as z from 'zod';
import type { RequestView } from '../control/protocol.ts';
import type { KeptList } from './keptFigures.ts';
import type { Subscribers } from './subscribers.ts';

/** A gateway shows the latest 1,000 requests, of some 2 KB each. */
const limits = { maxBytes: 4 * 1024 * 1024, maxAgeMs: 7 * 24 * 3_600_000 };

/** What everything that shows a request relies on. */
const viewSchema = z.looseObject({
  id: z.string(),
  cursor: z.number(),
  startedAt: z.number(),
  durationMs: z.number(),
  client: z.string(),
  dialect: z.string(),
  attempts: z.array(z.looseObject({ target: z.string(), startedAt: z.number(), durationMs: z.number() })),
  warnings: z.array(z.string()),
});

/** The records of requests, which quote no prompt, as earlier gateways left them. */
export function keptRequests({ restore }: Pick<Subscribers, 'restore'>): KeptList {
  return {
    ...limits,
    restore: (entries) => restore(entries.flatMap((entry) => (viewSchema.safeParse(entry).data as RequestView) ?? [])),
  };
}
