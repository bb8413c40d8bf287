import { compareAnswers, compareJson, type Difference } from './compare.ts';
import { captureSealer, reseal } from './captureSealer.ts';
import type { Capture } from './format.ts';
import { createHiding, type Hiding } from './hideTexts.ts';
import { replayCapture } from './replay.ts';
import { createCaptureScrub } from './scrubCapture.ts';

/** What would come out of a captured attempt now, beside what came out then. */
export type ReplayReport = {
  /** The request's id, and the attempt's place in it. */
  request: string;
  attempt: number;
  /** `provider,model`. */
  target: string;
  capturedBy: string;
  /** Nothing differs. */
  same: boolean;
  /** What the provider gets. */
  sent: Difference[];
  /** `answered`, or the kind and the message of an error. `was` is absent if the client had left. */
  outcome: { was?: string | undefined; now: string };
  /** What the client gets; not compared if it came from another attempt. */
  answer?: Difference[] | undefined;
  /** What this version says of the request. */
  warnings: string[];
  /** What the capture does not hold, so that a difference may come from it. */
  unknown: string[];
};

/** @throws CaptureError see replayCapture. */
export async function compareReplay(capture: Capture): Promise<ReplayReport> {
  const edit = editsOf(capture);
  const replayed = await replayCapture(capture);
  const { ccr } = capture.metadata ?? {};
  const { request, attempt, answer } = ccr ?? {};
  const sent = compareJson(
    { url: capture.url, body: capture.request_body },
    { url: replayed.sent?.url ?? '', body: edit.json(replayed.sent?.body ?? null) },
  );
  const hasLeft = attempt?.error === undefined && !capture.success;
  const outcome = {
    was: hasLeft ? undefined : describe(attempt?.error),
    now: describe(replayed.error && { ...replayed.error, message: edit.error(replayed.error.message) }),
  };
  const isComparable = answer !== undefined && replayed.answer.status !== 0;
  const isCut = (answer?.truncated ?? false) || capture.response_truncated;
  const answers = isComparable
    ? [
        ...compareJson(answer.status, replayed.answer.status, 'status'),
        ...compareAnswers(answer.text, edit.wire(replayed.answer.text), captureSealer(), isCut),
      ]
    : undefined;
  const isSameOutcome = outcome.was === undefined || capture.response_truncated || outcome.was === outcome.now;
  const same = sent.length === 0 && isSameOutcome && (answers ?? []).length === 0;
  return {
    request: request?.id ?? '',
    attempt: attempt?.number ?? 1,
    target: `${capture.provider},${capture.model}`,
    capturedBy: ccr?.version ?? '',
    same,
    sent,
    outcome,
    answer: answers,
    warnings: replayed.warnings,
    unknown: [...replayed.unknown, ...(ccr?.hidden && !same ? [hiddenTexts] : [])],
  };
}

const hiddenTexts = 'The texts are hidden: what depends on their words may differ.';

/** What was done to the texts of the capture has to be done to what comes out now. */
function editsOf({ request_body: sent, metadata }: Capture): Hiding {
  // What looks like a key was removed.
  const scrub = createCaptureScrub([], reseal(captureSealer()));
  const hiding = metadata?.ccr?.hidden ? createHiding([metadata.ccr.request.body, sent]) : undefined;
  if (!hiding) return { ...scrub, error: scrub.wire };
  return {
    json: (value) => hiding.json(scrub.json(value)),
    wire: (text) => hiding.wire(scrub.wire(text)),
    error: (text) => hiding.error(scrub.wire(text)),
  };
}

function describe(error: { kind: string; message: string } | undefined): string {
  return error ? `${error.kind}: ${error.message}` : 'answered';
}
