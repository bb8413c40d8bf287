import * as z from 'zod';

// One file for each attempt, in the format and with the limits of ccr-rust's `DebugCapture` (docs/reference/contract.md), which
// its scripts read. What CCR adds is in `metadata.ccr`: enough to make the attempt again without the provider.

/** A whole file. Bytes. */
export const maxFileBytes = 4 * 1024 * 1024;

const texts = z.record(z.string(), z.string());
const json = z.record(z.string(), z.unknown());

const requestSchema = z.looseObject({
  id: z.string(),
  /** Unix time in ms. */
  started_at: z.number(),
  dialect: z.enum(['openai-chat', 'openai-responses', 'anthropic-messages']),
  client: z.enum(['codex', 'claude-code', 'other']),
  headers: texts,
  query: z.string(),
  preset: z.string().optional(),
  scope: z.string().optional(),
  /** Absent if the file would be too large with it. */
  body: z.unknown().optional(),
});

const attemptSchema = z.looseObject({
  /** Among all attempts of the request, from 1. */
  number: z.int(),
  started_at: z.number(),
  stream: z.boolean(),
  retries: json,
  /** Of the preset. */
  parameters: json,
  without_proofs: z.boolean(),
  without_effort: z.boolean(),
  remedies: z.array(z.unknown()),
  /** What the memory of reasoning gave for each turn that was looked up, in that order. */
  recalled: z.array(z.array(z.unknown()).nullable()),
  error: z.looseObject({ kind: z.string(), message: z.string() }).optional(),
});

const replySchema = z.looseObject({
  /** `broken`: the connection was lost. `unread`: CCR stopped reading, for a time limit or since it had all that it needed. */
  ended: z.enum(['complete', 'broken', 'unread']),
  /** Milliseconds since the attempt's start; absent if CCR did not read that far. */
  ended_after_ms: z.number().optional(),
  /** Those that CCR reads. */
  headers: texts,
  /** How it arrived: milliseconds since the attempt's start, and how many line ends came then. */
  pieces: z.array(z.tuple([z.number(), z.number()])),
});

const answerSchema = z.looseObject({ status: z.int(), text: z.string(), truncated: z.boolean() });

const ccrSchema = z.looseObject({
  format: z.literal(1),
  version: z.string(),
  request: requestSchema,
  attempt: attemptSchema,
  reply: replySchema.optional(),
  /** What the client got, on the request's last attempt. Absent if the file would be too large with it. */
  answer: answerSchema.optional(),
  /** Without keys. */
  config: json,
  /** As `ccr explain` shows it. */
  record: json.optional(),
  /** Texts of people and models are replaced. */
  hidden: z.boolean().optional(),
});

export const captureSchema = z.looseObject({
  request_id: z.number(),
  provider: z.string(),
  tier_name: z.string(),
  model: z.string(),
  timestamp: z.string(),
  url: z.string(),
  method: z.string(),
  request_headers: texts.optional(),
  request_body: z.unknown(),
  /** 0 if there was no response. */
  response_status: z.int(),
  response_headers: texts.optional(),
  response_body: z.string(),
  response_truncated: z.boolean(),
  latency_ms: z.number(),
  is_streaming: z.boolean(),
  success: z.boolean(),
  error: z.string().optional(),
  metadata: z.looseObject({ ccr: ccrSchema.optional() }).optional(),
});

export type Capture = z.output<typeof captureSchema>;
export type CaptureMetadata = z.output<typeof ccrSchema>;

const prefix = 'ccr_capture_v1_';

/** `ccr_capture_v1_{provider}_{tier}_{YYYYMMDD_HHMMSS_nnnnnnnnn}_{id}.json`, in UTC. `nanoseconds` are within the millisecond. */
export function captureFileName(
  { provider, tier_name: tier, request_id: id }: Pick<Capture, 'provider' | 'tier_name' | 'request_id'>,
  atMs: number,
  nanoseconds: number,
): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T');
  const [clock = '', fraction = ''] = time.replace('Z', '').split('.');
  const fine = fraction.padEnd(3, '0') + String(Math.floor(nanoseconds)).padStart(6, '0').slice(-6);
  const stamp = `${date.replaceAll('-', '')}_${clock.replaceAll(':', '')}_${fine}`;
  return `${prefix}${segment(provider)}_${segment(tier)}_${stamp}_${id}.json`;
}

/** Names of providers are free text: none leads out of the folder. */
function segment(name: string): string {
  const harmless = [...name].slice(0, 64).map((character) => (/[\w.-]/.test(character) ? character : '_'));
  return harmless.join('') || 'unknown';
}

const namePattern = /^ccr_capture_v1_.*_(\d{8}_\d{6}_\d{9})_(\d+)\.json$/;

/** By which captures are put in order; undefined if a file of this name is none. */
export function captureTime(name: string): string | undefined {
  const [, stamp, id = ''] = namePattern.exec(name) ?? [];
  return stamp && `${stamp} ${id.padStart(20, '0')}`;
}
