import type { SseFrame } from '../sse/frame.ts';
import type { ReplyContext } from './dialect.ts';

/** The first `model` key of a frame, which is the reply's: inside a string its quotes would be escaped. */
const modelField = /"model"\s*:\s*"(?:[^"\\]|\\.)*"/;

/** Sets the model name that the client requested. The frame is not parsed, as most relayed frames contain no model name. */
export function renameModel(frame: SseFrame, { model }: Pick<ReplyContext, 'model'>): SseFrame {
  if ('comment' in frame) return frame;
  const { event, data } = frame;
  const found = modelField.exec(data);
  if (!found) return frame;
  const end = found.index + found[0].length;
  return { event, data: `${data.slice(0, found.index)}"model":${JSON.stringify(model)}${data.slice(end)}` };
}
