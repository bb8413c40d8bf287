import * as vscode from 'vscode';
import { openConfigAction, showInformation } from './messages.ts';
import type { ProviderSecrets } from './secrets.ts';

/** A provider as far as it matters for its key. `reason`: why it is off. */
export type KeyedProvider = { name: string; enabled: boolean; reason?: string };

/** Asks for a provider's key and stores it. The window's listener gives it to the gateway. */
export async function setProviderKey(secrets: ProviderSecrets, providers: readonly KeyedProvider[]): Promise<void> {
  if (providers.length === 0) {
    showInformation(
      'There is no provider that needs a key: the built-in demo answers until there is a config.',
      openConfigAction,
    );
    return;
  }
  const stored = await secrets.names();
  const items = providers.map((provider) => ({ label: provider.name, description: describe(provider, stored) }));
  const provider = await vscode.window.showQuickPick(items, {
    title: 'CCR: Set Provider API Key',
    placeHolder: 'Whose key?',
  });
  if (!provider) return;
  const key = await vscode.window.showInputBox({
    title: `API key of ${provider.label}`,
    prompt: "It is kept in VS Code's secret storage, and goes before what the config file says.",
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Paste the key.' : undefined),
  });
  if (key === undefined || key.trim() === '') return;
  await secrets.store(provider.label, key.trim());
  showInformation(`The key of ${provider.label} is stored.`);
}

/** @param given for keybindings: the provider's name */
export async function removeProviderKey(secrets: ProviderSecrets, given?: unknown): Promise<void> {
  const stored = await secrets.names();
  if (stored.length === 0) {
    showInformation("There is no provider key in VS Code's secret storage.");
    return;
  }
  const options = { title: 'CCR: Remove Provider API Key', placeHolder: 'Whose key?' };
  const name = typeof given === 'string' ? given : await vscode.window.showQuickPick(stored, options);
  if (name === undefined) return;
  if (!stored.includes(name)) throw new Error(`There is no stored key of a provider "${name}".`);
  await secrets.forget(name);
  showInformation(`The key of ${name} is removed.`);
}

function describe({ name, enabled, reason }: KeyedProvider, stored: readonly string[]): string {
  if (stored.includes(name)) return 'has a stored key';
  return enabled ? 'works already' : (reason ?? 'off');
}
