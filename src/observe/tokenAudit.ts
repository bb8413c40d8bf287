import { pushLatest } from '../canonical/pushLatest.ts';

/** An estimate made before a request was sent. Tokens. */
export type AuditEntry = {
  /** RFC 3339, to the millisecond. */
  timestamp: string;
  tier: string;
  message_tokens: number;
  system_tokens: number;
  tool_tokens: number;
  total_tokens: number;
};

/** By component. Tokens. */
export type Estimate = { system: number; messages: number; tools: number; total: number };

const maxEntries = 1024;

/** The latest estimates, oldest first. */
export function createTokenAudit() {
  let entries: AuditEntry[] = [];
  return {
    note(tier: string, atMs: number, { messages, system, tools, total }: Estimate): void {
      const entry = {
        timestamp: new Date(atMs).toISOString(),
        tier,
        message_tokens: messages,
        system_tokens: system,
        tool_tokens: tools,
        total_tokens: total,
      };
      pushLatest(entries, entry, maxEntries);
    },
    entries: (): AuditEntry[] => entries.slice(-maxEntries),
    restore: (snapshot: readonly AuditEntry[]): void => void (entries = snapshot.slice(-maxEntries)),
    clear: (): void => void (entries = []),
  };
}
