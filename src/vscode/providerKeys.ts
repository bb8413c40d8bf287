import { findNamed } from '../canonical/lists.ts';
import * as vscode from 'vscode';
import type { LiveCheck } from '../gateway/liveCheck.ts';
import { providerPresets } from '../providers/presets.ts';
import { enterKey } from './keyEntry.ts';
import { commandAction, openConfigAction, showInformation, showWarning } from './messages.ts';
import { nameItems, withoutIcons } from './plainText.ts';
import type { ProviderSecrets } from './secrets.ts';

const t = vscode.l10n.t;

/** Characters. */
const longestDescription = 160;

/** What setting a key needs to know of a provider. `reason`: why it is disabled. */
export type KeyedProvider = { name: string; enabled: boolean; reason?: string };

/** Has the gateway try a provider's key; see ControlClient.check. */
export type CheckProviderKey = (provider: string, key: string) => Promise<LiveCheck[] | undefined>;

/**
 * Asks for a provider's key, tries it and stores it. The window's secrets listener passes it to the gateway.
 * @param given the provider's name, from a message's button or a keybinding
 */
export async function setProviderKey(
  secrets: ProviderSecrets,
  providers: readonly KeyedProvider[],
  check: CheckProviderKey,
  given?: unknown,
): Promise<void> {
  if (providers.length === 0) {
    showInformation(
      t('The built-in demo provider needs no API key. Add a provider first.'),
      commandAction(t('Add Provider'), 'ccr.addProvider'),
      openConfigAction,
    );
    return;
  }
  const name = typeof given === 'string' ? given : await chooseProvider(secrets, providers);
  if (name === undefined) return;
  const entered = await enterKey(name, (key) => check(name, key), findNamed(providerPresets, name)?.page);
  if (!entered) return;
  await secrets.store(name, entered.key);
  const message = t('Stored the API key for {0}. {1}', name, entered.remark);
  if (entered.works) showInformation(message);
  else showWarning(message, openConfigAction);
}

async function chooseProvider(
  secrets: ProviderSecrets,
  providers: readonly KeyedProvider[],
): Promise<string | undefined> {
  const stored = await secrets.names();
  const items = providers.map((provider) => ({
    label: withoutIcons(provider.name),
    description: withoutIcons(describe(provider, stored), longestDescription),
    name: provider.name,
  }));
  const options = { title: t('CCR: Set Provider API Key'), placeHolder: t('Choose a provider') };
  return (await vscode.window.showQuickPick(items, options))?.name;
}

/** @param given the provider's name, from a keybinding */
export async function removeProviderKey(secrets: ProviderSecrets, given?: unknown): Promise<void> {
  const stored = await secrets.names();
  if (stored.length === 0) {
    showInformation(t("No provider API keys are stored in VS Code's secret storage."));
    return;
  }
  const options = { title: t('CCR: Remove Provider API Key'), placeHolder: t('Choose a provider') };
  const name =
    typeof given === 'string' ? given : (await vscode.window.showQuickPick(nameItems(stored), options))?.name;
  if (name === undefined) return;
  if (!stored.includes(name)) throw new Error(t('No API key is stored for a provider "{0}".', name));
  const key = (await secrets.all())[name];
  await secrets.forget(name);
  const undo = { title: t('Undo'), run: () => (key === undefined ? undefined : secrets.store(name, key)) };
  showInformation(t('Removed the API key for {0}.', name), undo);
}

function describe({ name, enabled, reason }: KeyedProvider, stored: readonly string[]): string {
  if (stored.includes(name)) return t('API key stored');
  return enabled ? t('enabled') : (reason ?? t('disabled'));
}
