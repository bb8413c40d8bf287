import type { SseFrame } from '../sse/frame.ts';
import type { ReplyContext } from './dialect.ts';

/** The first `model` key of a frame, which is the reply's: inside a string its quotes would be escaped. */
const modelField = /"model"\s*:\s*"(?:[^"\\]|\\.)*"/;

/** Sets the model name that the client requested. The frame is not parsed, as most relayed frames contain no model name. */
export function renameModel(frame: SseFrame, { model }: Pick<ReplyContext, 'model'>): SseFrame {
  if ('comment' in frame || !modelField.test(frame.data)) return frame;
  return { event: frame.event, data: frame.data.replace(modelField, () => `"model":${JSON.stringify(model)}`) };
}
