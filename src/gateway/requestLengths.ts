import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Usage } from '../canonical/events.ts';
import type { ChatRequest, Part } from '../canonical/request.ts';
import { resolveTarget } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import { createCalibration } from '../routing/calibration.ts';
import type { RequestSize } from '../routing/fit.ts';
import type { Intent } from '../routing/intent.ts';
import type { Target } from '../routing/route.ts';
import { createTextMemo } from '../routing/textMemo.ts';
import { estimateRequest, type TokenEstimate } from '../routing/tokens.ts';
import type { GatewayParts } from './gatewayParts.ts';

/** About 3 MB, which is enough for the texts of a few dozen long conversations. */
const maxRememberedTexts = 50_000;

const maxLongThreads = 1000;

type Estimated = { request: ChatRequest; intent: Intent; estimate: TokenEstimate };

/** How long requests are, by estimates that the providers' own counts calibrate. */
export type RequestLengths = {
  estimate(request: ChatRequest): TokenEstimate;
  sizeOf(read: Estimated): RequestSize;
  /**
   * Notes how long the conversation is, and returns whether that is above `Router.longContextThreshold`. One that was above it
   * stays long until it is half as long, as after a compaction. Side requests are not noted.
   */
  noteLength(config: Config, thread: string, read: Estimated): boolean;
  /** Compares an estimate with what the provider has counted. */
  note(request: ChatRequest, estimate: TokenEstimate, target: Target, usage: Usage): void;
};

export function createRequestLengths({
  windowOf,
  outputLimitOf,
}: Pick<GatewayParts, 'windowOf' | 'outputLimitOf'>): RequestLengths {
  const memo = createTextMemo(maxRememberedTexts);
  const calibration = createCalibration();
  const longThreads = createBoundedMap<string, true>(maxLongThreads);

  return {
    estimate: (request) => estimateRequest(request, memo),
    sizeOf: ({ request, estimate }) => ({
      inputAt: (target) => calibration.at(target, estimate.total),
      windowOf,
      outputAt: (target) => Math.min(request.sampling.maxTokens ?? 0, outputLimitOf(target) ?? Infinity),
    }),
    noteLength({ Router }, thread, { estimate, intent }) {
      const target = resolveTarget(Router, 'default');
      const tokens = target ? calibration.at(target, estimate.total) : estimate.total;
      const threshold = Router.longContextThreshold;
      const long = tokens > (longThreads.touch(thread) ? threshold / 2 : threshold);
      const isAside = intent.class === 'auxiliary' || intent.class === 'side_reply';
      if (!isAside && long) longThreads.set(thread, true);
      else if (!isAside) longThreads.delete(thread);
      return long;
    },
    note(request, estimate, target, usage) {
      if (isText(request)) calibration.note(target, estimate.total, usage.inputTokens);
    },
  };
}

/** Whether the input is all text: the tokens of images and files are only guessed. */
function isText({ messages, continuation }: ChatRequest): boolean {
  const isTextPart = (part: Part): boolean =>
    part.type === 'tool-result'
      ? part.parts.every(isTextPart)
      : part.type !== 'image' && part.type !== 'file' && part.type !== 'audio' && part.type !== 'native';
  return continuation?.held !== true && messages.every(({ parts }) => parts.every(isTextPart));
}
