import type { Delta } from '../canonical/events.ts';
import type { ChatRequest, JsonObject } from '../canonical/request.ts';
import type { Stage } from '../canonical/stage.ts';

/**
 * An optional edit of a request and its reply, enabled by name in `transformer.use`. Returns undefined if it does not apply
 * to the request. An edited request has no `source`, so that the original is not relayed.
 */
export type Transform = (request: ChatRequest) => Transformed | undefined;

export type Transformed = {
  request: ChatRequest;
  /**
   * Edits the reply while it still has the tool names that were sent to the provider, as `request` does. `note` logs a change
   * for the user; it must not contain any text of the conversation.
   */
  reply?: (request: ChatRequest, note: (message: string) => void) => Stage<Delta, Delta>;
};

/** A provider's transform, with the name that metrics use for it. */
export type NamedTransform = { name: string; transform: Transform };

/** The options of one entry of `transformer.use`. Invalid values are ignored. */
export type TransformOptions = JsonObject;

export type AppliedTransforms = { request: ChatRequest; names: string[]; replies: NonNullable<Transformed['reply']>[] };

/** Applies the transforms in order, each to the result of the previous one. */
export function applyTransforms(request: ChatRequest, transforms: readonly NamedTransform[]): AppliedTransforms {
  const applied: AppliedTransforms = { request, names: [], replies: [] };
  for (const { name, transform } of transforms) {
    const transformed = transform(applied.request);
    if (!transformed) continue;
    applied.request = transformed.request;
    applied.names.push(name);
    if (transformed.reply) applied.replies.push(transformed.reply);
  }
  return applied;
}
