import type { SseFrame } from '../../sse.ts';
import type { ReplyContext } from '../dialect.ts';
import { renameModel } from '../renameModel.ts';

/** The one event that names the model. Others may hold a tool's results, in which "model" is anything. */
const namesModel = /^\s*\{\s*"type"\s*:\s*"message_start"/;

export function relayFrame(frame: SseFrame, context: ReplyContext): SseFrame {
  if ('comment' in frame) return frame;
  return frame.event === 'message_start' || namesModel.test(frame.data) ? renameModel(frame, context) : frame;
}
