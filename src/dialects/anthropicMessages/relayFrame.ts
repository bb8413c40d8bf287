import type { SseFrame } from '../../sse.ts';
import type { ReplyContext } from '../dialect.ts';
import { renameModel } from '../renameModel.ts';

/** The only event with the model's name. Others may contain tool results, in which "model" can mean anything. */
const namesModel = /^\s*\{\s*"type"\s*:\s*"message_start"/;

export function relayFrame(frame: SseFrame, context: ReplyContext): SseFrame {
  if ('comment' in frame) return frame;
  return frame.event === 'message_start' || namesModel.test(frame.data) ? renameModel(frame, context) : frame;
}
