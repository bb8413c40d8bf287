import type { SseFrame } from '../../sse.ts';
import type { ReplyContext } from '../dialect.ts';
import { renameModel } from '../renameModel.ts';

/** CCR asks every provider for usage; a client that did not gets no chunk without choices, which would break it. */
const usageOnly = /"choices"\s*:\s*\[\s*\]/;

export function relayFrame(frame: SseFrame, context: ReplyContext): SseFrame | undefined {
  if (!context.request.includeUsage && 'data' in frame && usageOnly.test(frame.data)) return undefined;
  return renameModel(frame, context);
}
