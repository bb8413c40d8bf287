import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Usage } from '../canonical/events.ts';
import type { ChatRequest } from '../canonical/request.ts';
import { resolveTarget } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import { createCalibration } from '../routing/calibration.ts';
import type { RequestSize } from '../routing/fit.ts';
import type { Intent } from '../routing/intent.ts';
import type { ConversationLength, Target } from '../routing/route.ts';
import { createRequestEstimator } from '../routing/requestEstimator.ts';
import type { TokenEstimate } from '../routing/tokens.ts';
import type { GatewayParts } from './gatewayParts.ts';

const maxLongThreads = 1000;

type Estimated = { request: ChatRequest; intent: Intent; estimate: TokenEstimate };

/** How long requests are, by estimates that the providers' own counts calibrate. */
export type RequestLengths = {
  /** `thread`: a key for the conversation, or for that of an agent one of its own. */
  estimate(thread: string, request: ChatRequest): TokenEstimate;
  sizeOf(read: Estimated): RequestSize;
  /**
   * Notes how long the conversation is, and returns whether that is above `Router.longContextThreshold`. One that was above it
   * stays long until it is half as long, as after a compaction. Side requests are not noted.
   */
  noteLength(config: Config, thread: string, read: Estimated): ConversationLength & { isLong: boolean };
  /** Compares an estimate with what the provider has counted. */
  note(request: ChatRequest, estimate: TokenEstimate, target: Target, usage: Usage): void;
};

export function createRequestLengths({
  windowOf,
  outputLimitOf,
}: Pick<GatewayParts, 'windowOf' | 'outputLimitOf'>): RequestLengths {
  const estimator = createRequestEstimator();
  const calibration = createCalibration();
  const longThreads = createBoundedMap<string, true>(maxLongThreads);

  return {
    estimate: estimator.estimate,
    sizeOf: ({ request, estimate }) => ({
      inputAt: (target) => calibration.at(target, estimate),
      windowOf,
      outputAt: (target) => Math.min(request.sampling.maxTokens ?? 0, outputLimitOf(target) ?? Infinity),
    }),
    noteLength({ Router }, thread, { estimate, intent }) {
      const target = resolveTarget(Router, 'default');
      const tokens = target ? calibration.at(target, estimate) : estimate.total;
      const threshold = Router.longContextThreshold;
      const wasLong = longThreads.touch(thread) === true;
      const limit = wasLong ? threshold / 2 : threshold;
      const isLong = tokens > limit;
      const isAside = intent.class === 'auxiliary' || intent.class === 'side_reply';
      if (!isAside && isLong) longThreads.set(thread, true);
      else if (!isAside) longThreads.delete(thread);
      return { isLong, tokens, limit, wasLong };
    },
    note({ continuation }, estimate, target, usage) {
      const isWhole = continuation?.held !== true;
      if (isWhole && estimate.guessed === 0) calibration.note(target, estimate, usage.inputTokens);
    },
  };
}
