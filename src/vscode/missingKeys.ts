import type { LinkStatus } from './linkStatus.ts';
import { commandAction, openConfigAction, showWarning } from './messages.ts';
import { keylessProvider } from './scope.ts';

/** Asks for the keys without which this window's questions can't be answered, once each. */
export type MissingKeys = { show(status: LinkStatus): void };

export function createMissingKeys(scope: string): MissingKeys {
  const asked = new Set<string>();
  return {
    show(status) {
      if (status.kind !== 'running') return;
      const name = keylessProvider(status.state, scope);
      if (name === undefined || asked.has(name)) return;
      asked.add(name);
      showWarning(
        `CCR has no API key for ${name}, the provider that answers in this window.`,
        commandAction('Set API Key', 'ccr.setProviderApiKey', name),
        openConfigAction,
      );
    },
  };
}
