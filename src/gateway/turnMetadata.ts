import * as z from 'zod';

const metadata = z.object({ request_kind: z.string().optional(), thread_source: z.string().optional() });

/** The role of a request in its conversation: a turn, a compaction, or a side request that is not part of it. */
export type RequestRole = 'turn' | 'compaction' | 'side';

/**
 * Reads the role from Codex's `x-codex-turn-metadata` (0.169, measured). `request_kind` is `compaction` for a local compaction
 * too, which otherwise looks like a turn; `thread_source` is `thread_title` for the request for the conversation's title.
 */
export function requestRole(headers: Record<string, string | undefined>): RequestRole {
  const { request_kind: kind, thread_source: source } = readMetadata(headers['x-codex-turn-metadata']);
  if (kind === 'compaction') return 'compaction';
  return source === 'thread_title' ? 'side' : 'turn';
}

function readMetadata(text: string | undefined): z.infer<typeof metadata> {
  if (text === undefined) return {};
  try {
    return metadata.parse(JSON.parse(text));
  } catch {
    // An optional hint of one client.
    return {};
  }
}
