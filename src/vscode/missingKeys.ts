import { t } from './l10n.ts';
import type { LinkStatus } from './linkStatus.ts';
import { commandAction, openConfigAction, showWarning } from './messages.ts';
import { keylessProvider } from './scope.ts';

/** Warns, once per provider, when the provider that answers this window has no API key. */
export type MissingKeys = { show(status: LinkStatus): void };

export function createMissingKeys(scope: string): MissingKeys {
  const warned = new Set<string>();
  return {
    show(status) {
      if (status.kind !== 'running') return;
      const name = keylessProvider(status.state, scope);
      if (name === undefined || warned.has(name)) return;
      warned.add(name);
      showWarning(
        t('CCR has no API key for {0}, the provider that this window uses.', name),
        commandAction(t('Set API Key'), 'ccr.setProviderApiKey', name),
        openConfigAction,
      );
    },
  };
}
