import { t } from './l10n.ts';
import type { Memento } from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import { spokenAll } from '../canonical/wording.ts';
import { describeCheck } from '../gateway/describeCheck.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { commandAction, showInformation, showWarning, withProgress, type Action } from './messages.ts';
import { createProviderOutages, isAboutKey, outageText, type Outage, type OutageEvent } from './providerOutages.ts';

export type OutageMessagesParts = {
  link: GatewayLink;
  scope: string;
  /** Remembers the providers that the user wants no messages about. */
  memento: Memento;
};

const mutedKey = 'ccr.mutedProviders';

/** One message for each outage of a provider that this window uses, and one when it answers again. */
export function watchOutages({ link, scope, memento }: OutageMessagesParts): void {
  /** Those that a message was shown about. */
  const shown = new Set<string>();
  const muted = (): readonly string[] => memento.get<string[]>(mutedKey) ?? [];
  const outages = createProviderOutages((request) => request.scope === scope, tell);

  function tell(event: OutageEvent): void {
    if (event.type === 'ended') {
      if (shown.delete(event.provider)) showInformation(t('{0} works again.', event.provider));
      return;
    }
    const { outage } = event;
    if (muted().includes(outage.provider)) return;
    shown.add(outage.provider);
    showWarning(outageText(outage), ...actionsFor(outage));
  }

  function actionsFor({ provider, kind }: Outage): Action[] {
    return [
      ...(isAboutKey(kind) ? [commandAction(t('Set Key'), 'ccr.setProviderApiKey', provider)] : []),
      commandAction(t('Switch'), 'ccr.switchPreset'),
      { title: t('Retry'), run: () => retry(link, provider) },
      { title: t("Don't Show for This Provider"), run: () => memento.update(mutedKey, [...muted(), provider]) },
    ];
  }

  link.onRequest(outages.request);
  link.onStatus((status) => {
    if (status.kind === 'running') outages.state(status.state);
  });
}

/** Tests a provider. If it answers, requests go to it at once instead of after its cooldown. */
async function retry(link: GatewayLink, provider: string): Promise<void> {
  const client = link.client();
  if (!client) return;
  const checks = await withProgress(t('Testing {0}...', provider), () =>
    client.check({ provider, once: true }).catch((error: unknown) => messageOf(error)),
  );
  if (checks === undefined) return;
  if (typeof checks === 'string') return showWarning(checks);
  const faulty = checks.find(({ fault }) => fault);
  if (faulty) return showWarning(spokenAll(describeCheck(faulty), t));
  await client.reload(); // ends the cooldowns
  showInformation(t('{0} answers the test. Requests go to it again.', provider));
}
