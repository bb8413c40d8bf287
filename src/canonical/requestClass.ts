/** The kinds of requests that clients tell apart, by the names that Claude Code uses. */
export const requestClasses = ['main', 'subagent', 'workflow', 'compaction', 'auxiliary', 'side_reply'] as const;

/**
 * - `main`: a turn of the user's conversation;
 * - `subagent`, `workflow`: a turn of an agent that a conversation started;
 * - `compaction`: a summary to continue the conversation from;
 * - `auxiliary`: a request beside the conversation, such as the one for its title;
 * - `side_reply`: an answer beside the conversation.
 */
export type RequestClass = (typeof requestClasses)[number];
