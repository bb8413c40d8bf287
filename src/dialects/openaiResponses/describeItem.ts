import type { JsonObject } from '../../canonical/request.ts';
import * as wire from './wire.ts';

/** Calls of tools that only this dialect has and that the client runs. The conversation depends on them and their results. */
const clientRun = new Set(['local_shell_call', 'shell_call', 'apply_patch_call', 'computer_call']);

/**
 * The text that replaces an item of this dialect in other dialects. Undefined for a tool that the provider ran: the answer after
 * it covers the result.
 */
export function describeItem(item: JsonObject & { type: string }): string | undefined {
  const { type, call_id: id } = item;
  if (clientRun.has(type)) return `[${type} ${String(id)}: ${JSON.stringify(item['action'] ?? item['operation'])}]`;
  if (type.endsWith('_call_output')) return `[Result of ${String(id)}: ${describeOutput(item['output'])}]`;
  if (type !== 'item_reference') return undefined;
  return `[A part of this conversation is missing here: it is stored at another provider as ${String(item['id'])}]`;
}

/** Omits screenshots, whose base64 text would be huge. */
function describeOutput(output: unknown): string {
  if (typeof output === 'string') return output;
  const image = wire.jsonObject.safeParse(output).data?.['image_url'];
  return image === undefined ? JSON.stringify(output) : 'image omitted';
}

/** The text that replaces a content part in other dialects, such as a file that one provider stores. */
export function describeOmittedPart(type: string): string {
  return `[${type.replace(/^input_/, '')} omitted: only another provider can read it]`;
}
