import type { GatewayLink } from './gatewayLink.ts';
import type { Surroundings } from './surroundings.ts';
import type { Terminals } from './terminals.ts';
import type { WindowLog } from './windowLog.ts';

export type OpenWindowParts = {
  around: Surroundings;
  link: GatewayLink;
  terminals: Terminals;
  log: WindowLog;
  writeShims(): void;
};

/**
 * The first thing that a window does. Terminals that VS Code restores get at once what they had before: what comes later
 * makes each of them ask for a relaunch.
 */
export function openWindow({ around, link, terminals, log, writeShims }: OpenWindowParts): void {
  for (const problem of around.settingProblems()) log.warn(problem);
  try {
    writeShims();
  } catch (error) {
    log.error(`Terminals have no codex of ours: ${String(error)}`);
  }
  if (!around.settings().autoStart) {
    terminals.show({ kind: 'stopped' });
    void link.look();
    return;
  }
  const config = around.config();
  // Only the gateway knows its token.
  if (config.usable && !config.access.required) terminals.expect(around.place());
  else terminals.show({ kind: 'stopped' });
  void link.start();
}
