import * as vscode from 'vscode';
import { describeCheck } from '../gateway/liveCheck.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { commandAction, showInformation, showWarning, startAction, withProgress } from './messages.ts';
import type { KeyedProvider } from './providerKeys.ts';

/**
 * Has the gateway send each model of a provider a small request.
 * @param given the provider's name, from the config's CodeLens or a keybinding
 */
export async function testProvider(
  link: GatewayLink,
  providers: readonly KeyedProvider[],
  given?: unknown,
): Promise<void> {
  const client = link.client();
  if (!client) return showInformation('CCR is not running. Start it to test a provider.', startAction);
  if (providers.length === 0) return showInformation('The config has no providers to test.');
  const names = providers.map(({ name }) => name);
  const options = { title: 'CCR: Test Provider', placeHolder: 'Choose a provider' };
  const name = typeof given === 'string' ? given : await vscode.window.showQuickPick(names, options);
  if (name === undefined) return;
  const checks = await withProgress(`Testing ${name}...`, () => client.check({ provider: name }));
  if (!checks) return;
  const [failed, ...others] = checks.filter(({ fault }) => fault);
  if (!failed) return showInformation(`${name} works: ${checks.length} of ${checks.length} checks passed.`);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const setKey = failed.fault?.part === 'key' ? [commandAction('Set Key', 'ccr.setProviderApiKey', name)] : [];
  showWarning(`${describeCheck(failed)}${more}`, ...setKey);
}
