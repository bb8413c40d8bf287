import * as z from 'zod';
import { requestClasses, type RequestClass } from '../canonical/requestClass.ts';

/** What a client's headers say about a request. Values are bounded, since they come from outside. */
export type ClientHints = {
  class?: RequestClass | undefined;
  /** Such as `Explore` or `review`. */
  agentType?: string | undefined;
  /** Such as `generate_session_title` or `thread_title`. */
  auxiliaryType?: string | undefined;
  /** Distinguishes the agents of a session. */
  agentId?: string | undefined;
};

type Headers = Readonly<Record<string, string | undefined>>;

const metadataSchema = z.object({ request_kind: z.string().optional(), thread_source: z.string().optional() });

/**
 * Reads the hints of Claude Code (2.1.330: `x-claude-code-request-class` and others, sent if
 * `CLAUDE_CODE_GATEWAY_HINT_HEADERS` is set) and of Codex (0.169: `x-openai-subagent` and `x-codex-turn-metadata`).
 */
export function readClientHints(headers: Headers): ClientHints {
  const agentId = word(headers['x-claude-code-agent-id']);
  const given = classNamed(headers['x-claude-code-request-class']);
  const hints = given === undefined ? codexHints(headers) : { class: given };
  return {
    // Sent for subagents without the hint headers too.
    ...(agentId !== undefined && { class: 'subagent' as const, agentId }),
    ...hints,
    ...defined('agentType', word(headers['x-claude-code-agent-type'])),
    ...defined('auxiliaryType', word(headers['x-claude-code-auxiliary-type'])),
  };
}

function classNamed(name: string | undefined): RequestClass | undefined {
  return name === undefined ? undefined : requestClasses.find((each) => each === name);
}

function codexHints(headers: Headers): ClientHints {
  const subagent = word(headers['x-openai-subagent']);
  const { request_kind: kind, thread_source: source } = readMetadata(headers['x-codex-turn-metadata']);
  // `request_kind` is `compaction` for a local compaction too, which otherwise looks like a turn.
  if (kind === 'compaction' || subagent === 'compact') return { class: 'compaction' };
  if (subagent === 'memory_consolidation') return { class: 'auxiliary', auxiliaryType: subagent };
  if (subagent !== undefined) return { class: 'subagent', agentType: subagent };
  if (source === 'thread_title') return { class: 'auxiliary', auxiliaryType: source };
  if (source === 'subagent') return { class: 'subagent' };
  return kind === 'turn' ? { class: 'main' } : {};
}

function readMetadata(text: string | undefined): z.infer<typeof metadataSchema> {
  if (text === undefined) return {};
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch {
    // An optional hint of one client.
    return {};
  }
}

/** A short identifier; undefined for anything else. */
function word(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.:-]{1,64}$/.test(text) ? text : undefined;
}

function defined<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}
