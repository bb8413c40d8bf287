import type { ClientKind } from '../dialects/dialect.ts';

/** Who asks, by what real clients send: `originator: codex_exec`, `codex-tui/0.169.0 (...)`, `claude-cli/2.1.330 (...)`. */
export function clientKind(headers: Record<string, string | string[] | undefined>): ClientKind {
  const originator = String(headers['originator'] ?? '');
  const agent = String(headers['user-agent'] ?? '');
  if (/^codex/i.test(originator) || /^codex/i.test(agent)) return 'codex';
  if (/^claude-(cli|code)/i.test(agent)) return 'claude-code';
  return 'other';
}
