// What the extension and the dashboard's page send each other. Both sides read what they get with these schemas.
import * as z from 'zod/mini';
import type { RequestView } from '../../control/protocol.ts';

// zod would compile schemas with `new Function`, which the page's content security policy forbids.
z.config({ jitless: true });

const text = z.string();
const number = z.number();
const optional = { text: z.optional(text), number: z.optional(number) };

const candidate = z.object({
  target: text,
  position: text,
  cooldownUntilMs: optional.number,
  latencyMs: optional.number,
  contextWindow: optional.number,
  inputTokens: optional.number,
  costUsd: optional.number,
});

const attempt = z.object({
  target: text,
  key: optional.number,
  startedAt: number,
  durationMs: number,
  error: optional.text,
  errorKind: optional.text,
});

const route = z.object({
  matched: text,
  readAs: optional.text,
  rule: z.optional(z.object({ place: number, reason: optional.text })),
  detour: optional.text,
  candidates: z.array(candidate),
});

/** The parts of a RequestView that the page shows. */
const request = z.object({
  id: text,
  cursor: number,
  startedAt: number,
  durationMs: number,
  firstContentMs: optional.number,
  client: text,
  dialect: text,
  model: optional.text,
  conversation: optional.text,
  intent: z.optional(z.object({ class: text })),
  reason: optional.text,
  route: z.optional(route),
  target: optional.text,
  tier: optional.text,
  attempts: z.array(attempt),
  warnings: z.array(text),
  inputTokens: optional.number,
  outputTokens: optional.number,
  cacheReadTokens: optional.number,
  finish: optional.text,
  costUsd: optional.number,
  error: optional.text,
  errorKind: optional.text,
});

const toPage = z.discriminatedUnion('type', [
  /** First: the texts of the display language, by the English ones, and the locale for dates. */
  z.object({ type: z.literal('texts'), texts: z.record(text, text) }),
  z.object({ type: z.literal('requests'), requests: z.array(request), isWhole: z.boolean() }),
  z.object({ type: z.literal('gateway'), isRunning: z.boolean(), streams: number, active: number, status: text }),
  /** Show this request's route. */
  z.object({ type: z.literal('select'), id: text }),
]);

export const exportFormats = ['csv', 'json'] as const;

/** The page keeps at most a thousand requests. */
const ids = z.array(text).check(z.maxLength(1000));

const fromPage = z.discriminatedUnion('type', [
  /** The page listens. Also after it was hidden. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('export'), format: z.enum(exportFormats), ids }),
  z.object({ type: z.literal('start') }),
]);

export type ToPage = z.infer<typeof toPage>;
export type FromPage = z.infer<typeof fromPage>;
export type ShownRequest = z.infer<typeof request>;

/** Undefined for anything else. */
export function readToPage(message: unknown): ToPage | undefined {
  const parsed = toPage.safeParse(message);
  return parsed.success ? parsed.data : undefined;
}

export function readFromPage(message: unknown): FromPage | undefined {
  const parsed = fromPage.safeParse(message);
  return parsed.success ? parsed.data : undefined;
}

/** Only what the page shows leaves the extension. */
export function toShown(view: RequestView): ShownRequest {
  return request.parse(view);
}
