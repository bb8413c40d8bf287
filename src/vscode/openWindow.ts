import type { GatewayLink } from './gatewayLink.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';
import type { Terminals } from './terminals.ts';
import type { WindowLog } from './windowLog.ts';

export type OpenWindowParts = {
  window: WindowEnvironment;
  link: GatewayLink;
  terminals: Terminals;
  log: WindowLog;
  writeShims(): void;
};

/**
 * The first thing that a window does. Terminals that VS Code restores get at once what they had before: what comes later
 * makes each of them ask for a relaunch.
 */
export function openWindow({ window, link, terminals, log, writeShims }: OpenWindowParts): void {
  for (const problem of window.settingProblems()) log.warn(problem);
  try {
    writeShims();
  } catch (error) {
    log.error(`Terminals have no codex of ours: ${String(error)}`);
  }
  if (!window.settings().autoStart) {
    terminals.show({ kind: 'stopped' });
    void link.attachIfRunning();
    return;
  }
  const config = window.config();
  // Only the gateway knows its token.
  if (config.usable && !config.access.required) terminals.expect(window.place());
  else terminals.show({ kind: 'stopped' });
  void link.start();
}
