import { t } from './l10n.ts';
import { translateProblem } from './displayLanguage.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { showInformation, showLogAction, showWarning, startAction, withProgress } from './messages.ts';

/** Has the gateway download models.dev's catalog of models, and shows the outcome. */
export async function refreshModelCatalog(link: GatewayLink): Promise<void> {
  const client = link.client();
  if (!client) return showInformation(t('CCR is not running. Start it to refresh the model catalog.'), startAction);
  const title = t('CCR: Refreshing the model catalog from models.dev...');
  const refreshed = await withProgress(title, () => client.refreshCatalog());
  if (!refreshed) return;
  const { message } = translateProblem(refreshed);
  if (refreshed.outcome === 'failed') showWarning(`CCR: ${message}`, showLogAction);
  else showInformation(`CCR: ${message}`);
}
