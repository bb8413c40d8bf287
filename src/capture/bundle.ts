import * as z from 'zod';
import { messageOf } from '../canonical/errors.ts';
import { isObject, parseJson } from '../canonical/json.ts';
import { CaptureError } from './captureFolder.ts';
import { compareReplay } from './compareReplay.ts';
import { captureSchema, type Capture, type CaptureMetadata } from './format.ts';
import { createHiding, type Hiding } from './hideTexts.ts';

/** Larger ones are refused where they are read. Bytes. */
export const maxBundleBytes = 16 * 1024 * 1024;

/** Of one request, the last attempts. */
const mostCaptures = 4;

const bundleSchema = z.looseObject({
  ccr_bundle: z.literal(1),
  made_by: z.looseObject({ ccr: z.string(), node: z.string(), platform: z.string() }),
  /** Whether the texts of people and models are replaced. */
  hidden: z.boolean(),
  request: z.string(),
  config: z.record(z.string(), z.unknown()),
  record: z.record(z.string(), z.unknown()).optional(),
  /** The attempts, oldest first; their config and record are above. */
  captures: z.array(z.unknown()),
  replay: z.array(z.unknown()),
});

export type Bundle = z.output<typeof bundleSchema>;

export type BundleOptions = {
  version: string;
  platform: string;
  /** Keep what people and models wrote. */
  withTexts: boolean;
};

/** What is known of a request that was not captured. */
export type KnownRequest = { request: string; record: object; config: Record<string, unknown> };

/** One file with all that is known of a request: what went over the wire, its record, the config and what replay says of it. */
export async function makeBundle(
  captures: readonly Capture[],
  options: BundleOptions,
  known?: KnownRequest,
): Promise<Bundle> {
  const chosen = captures.slice(-mostCaptures);
  const hiding = options.withTexts ? undefined : hidingFor(chosen);
  const shown = hiding ? chosen.map((capture) => hideTexts(capture, hiding)) : chosen;
  const [first] = shown;
  const ccr = first?.metadata?.ccr;
  const head = {
    ccr_bundle: 1 as const,
    made_by: { ccr: options.version, node: process.versions.node, platform: options.platform },
    hidden: !options.withTexts,
  };
  if (!first && known) return { ...head, ...known, record: { ...known.record }, captures: [], replay: [] };
  if (!first || !ccr) throw new CaptureError('This capture was not made by CCR, so no bundle can be made of it.');
  const replay: unknown[] = [];
  for (const capture of shown) replay.push(await replayOf(capture));
  return {
    ...head,
    request: ccr.request.id,
    config: ccr.config,
    ...(ccr.record && { record: ccr.record }),
    captures: shown.map(withoutShared),
    replay,
  };
}

async function replayOf(capture: Capture): Promise<unknown> {
  try {
    return await compareReplay(capture);
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}

function withoutShared(capture: Capture): unknown {
  const { config: _, record: __, ...ccr } = capture.metadata?.ccr ?? ({} as Partial<CaptureMetadata>);
  return { ...capture, metadata: { ...capture.metadata, ccr } };
}

/** The captures in a bundle; undefined if the text is none. @throws CaptureError if it is a damaged one. */
export function readBundle(text: string): Capture[] | undefined {
  const value = parseJson(text);
  if (!isObject(value) || !Object.hasOwn(value, 'ccr_bundle')) return undefined;
  const bundle = bundleSchema.safeParse(value);
  if (!bundle.success) throw new CaptureError(`The bundle is damaged: ${z.prettifyError(bundle.error)}`);
  const { config, record, captures } = bundle.data;
  if (captures.length === 0)
    throw new CaptureError('This bundle has no captures, so nothing can be replayed: DebugCapture was off.');
  return captures.map((each) => {
    const metadata = isObject(each) && isObject(each['metadata']) ? each['metadata'] : {};
    const ccr = isObject(metadata['ccr']) ? { ...metadata['ccr'], config, record } : undefined;
    const capture = captureSchema.safeParse({ ...(each as object), metadata: { ...metadata, ccr } });
    if (!capture.success) throw new CaptureError(`The bundle is damaged: ${z.prettifyError(capture.error)}`);
    return capture.data;
  });
}

function hidingFor(captures: readonly Capture[]): Hiding {
  return createHiding(captures.flatMap(({ request_body: sent, metadata }) => [metadata?.ccr?.request.body, sent]));
}

function hideTexts(capture: Capture, hiding: Hiding): Capture {
  const { ccr } = capture.metadata ?? {};
  return {
    ...capture,
    request_body: hiding.json(capture.request_body),
    response_body: hiding.wire(capture.response_body),
    ...(capture.error !== undefined && { error: hiding.error(capture.error) }),
    ...(ccr && { metadata: { ...capture.metadata, ccr: hideMetadata(ccr, hiding) } }),
  };
}

function hideMetadata(ccr: CaptureMetadata, hiding: Hiding): CaptureMetadata {
  const { request, attempt, answer } = ccr;
  const { error } = attempt;
  return {
    ...ccr,
    hidden: true,
    request: { ...request, body: hiding.json(request.body) },
    attempt: {
      ...attempt,
      recalled: hiding.json(attempt.recalled) as (unknown[] | null)[],
      ...(error && { error: { ...error, message: hiding.error(error.message) } }),
    },
    ...(answer && { answer: { ...answer, text: hiding.wire(answer.text) } }),
  };
}
