import { messageOf } from '../canonical/errors.ts';
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
 * Runs on activation. Restored terminals get the variables they had before right away: a later change makes VS Code ask
 * for a relaunch of each terminal.
 */
export async function openWindow({ window, link, terminals, log, writeShims }: OpenWindowParts): Promise<void> {
  for (const problem of window.settingProblems()) log.warn(problem);
  try {
    writeShims();
  } catch (error) {
    log.error(`The shims for terminals could not be written: ${messageOf(error)}`);
  }
  if (!window.settings().autoStart) {
    terminals.show({ kind: 'stopped' });
    void link.attachIfRunning();
    return;
  }
  // What reads the config is loaded in a task of its own: events of other extensions come before it.
  await new Promise(setImmediate);
  const config = await window.config();
  // With a token required, wait for the gateway, which is the only one that knows it.
  if (config.usable && !config.access.required) terminals.expect(await window.place());
  else terminals.show({ kind: 'stopped' });
  void link.start();
}
