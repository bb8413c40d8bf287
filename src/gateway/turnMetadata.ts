import * as z from 'zod';

const metadata = z.object({ request_kind: z.string().optional(), thread_source: z.string().optional() });

/** What a request is to its conversation: a turn of it, its compaction, or something beside it. */
export type RequestRole = 'turn' | 'compaction' | 'side';

/**
 * Codex says so in `x-codex-turn-metadata` (0.169, measured): `request_kind` is `compaction` for its local one too, which
 * is else an ordinary request; `thread_source` is `thread_title` for the request that only names the conversation.
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
    // It is a hint of one client's, and nothing depends on it.
    return {};
  }
}
