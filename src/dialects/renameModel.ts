import type { SseFrame } from '../sse.ts';
import type { ReplyContext } from './dialect.ts';

/** The first `model` key of a frame, which is the reply's own: inside strings its quotes would be escaped. */
const modelField = /"model"\s*:\s*"(?:[^"\\]|\\.)*"/;

/** The frame under the model name that the client asked for. It is not parsed: most frames of a relay hold no name. */
export function renameModel(frame: SseFrame, { model }: Pick<ReplyContext, 'model'>): SseFrame {
  if ('comment' in frame || !modelField.test(frame.data)) return frame;
  return { ...frame, data: frame.data.replace(modelField, () => `"model":${JSON.stringify(model)}`) };
}
