import type { SseFrame } from '../sse/frame.ts';
import { isLengthReason, isRefusalReason } from './refusalReasons.ts';

/** Where a dialect states how an answer ended, and the words that its clients know. */
export type ReasonField = {
  /** Its text up to the value, and the value without quotes: inside a string, the quotes would be escaped. */
  pattern: RegExp;
  refusal: string;
  length: string;
  /** Other words for either that clients know. */
  others?: readonly string[];
};

/** Replaces a provider's own word for a refusal or a limit by the one that clients know. Other words stay. */
export function withKnownReason(frame: SseFrame, field: ReasonField): SseFrame {
  if ('comment' in frame) return frame;
  const [, before = '', raw] = field.pattern.exec(frame.data) ?? [];
  if (raw === undefined || field.others?.includes(raw)) return frame;
  const known = isRefusalReason(raw) ? field.refusal : isLengthReason(raw) ? field.length : raw;
  return known === raw
    ? frame
    : { event: frame.event, data: frame.data.replace(field.pattern, () => `${before}"${known}"`) };
}
