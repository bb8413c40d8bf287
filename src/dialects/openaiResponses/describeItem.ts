import type { JsonObject } from '../../canonical/request.ts';
import * as wire from './wire.ts';

/** Calls that the client runs itself, by tools that only this dialect has: what was done and what came of it counts. */
const clientRun = new Set(['local_shell_call', 'shell_call', 'apply_patch_call', 'computer_call']);

/**
 * What other dialects say in the place of an item that only this one knows. Undefined for what a provider ran itself: the
 * answer behind it says what came of it.
 */
export function describeItem(item: JsonObject & { type: string }): string | undefined {
  const { type, call_id: id } = item;
  if (clientRun.has(type)) return `[${type} ${String(id)}: ${JSON.stringify(item['action'] ?? item['operation'])}]`;
  if (type.endsWith('_call_output')) return `[Result of ${String(id)}: ${describeOutput(item['output'])}]`;
  if (type !== 'item_reference') return undefined;
  return `[A part of this conversation is missing here: only another provider has it, as ${String(item['id'])}]`;
}

/** A screenshot is text as long as a book. */
function describeOutput(output: unknown): string {
  if (typeof output === 'string') return output;
  const image = wire.jsonObject.safeParse(output).data?.['image_url'];
  return image === undefined ? JSON.stringify(output) : 'an image, which is omitted';
}

/** Of a content part, which may be a file that one provider stores. */
export function describeOmittedPart(type: string): string {
  return `[${type.replace(/^input_/, '')} omitted: only another provider can read it]`;
}
