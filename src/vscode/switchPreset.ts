import * as vscode from 'vscode';
import type { GatewayState } from '../control/protocol.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { commandAction, openConfigAction, showInformation, startAction } from './messages.ts';
import { choiceName, choiceOf } from './scope.ts';

type Choice = vscode.QuickPickItem & { name?: string };

/**
 * Chooses the preset or route for this window's terminals, from the next request on. Writes the setting ccr.activePreset;
 * the window's settings listener passes it to the gateway.
 * @param name from a keybinding: a preset, a route, or '' for the config's own routing
 */
export async function switchPreset(link: GatewayLink, scope: string, name?: unknown): Promise<void> {
  const status = link.status();
  if (status.kind !== 'running') {
    showInformation('CCR is not running. Start it to switch presets.', startAction);
    return;
  }
  const chosen = typeof name === 'string' ? name : await pickPreset(status.state, scope);
  if (chosen === undefined) return;
  if (choiceOf(chosen, status.state) === undefined) throw new Error(`The config has no preset or route "${chosen}".`);
  // A window without a folder has no workspace settings.
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration('ccr').update('activePreset', chosen, target);
}

async function pickPreset(state: GatewayState, scope: string): Promise<string | undefined> {
  const chosen = await vscode.window.showQuickPick(choices(state, choiceName(state.scopes[scope]) ?? ''), {
    title: 'CCR: Switch Preset',
    placeHolder: "Choose a preset or route for this window's terminals",
    matchOnDescription: true,
  });
  return chosen?.name;
}

function choices({ presets, routes, source }: GatewayState, active: string): Choice[] {
  const item = (name: string, label: string, description: string): Choice => ({
    name,
    label: `$(${name === active ? 'check' : 'blank'}) ${label}`,
    description,
  });
  const separator = (label: string): Choice => ({ label, kind: vscode.QuickPickItemKind.Separator });
  // The built-in demo has no routes to choose from.
  const visible = source === 'demo' ? [] : routes.filter(({ name }) => !presets.some((preset) => preset.name === name));
  const own = routes.find(({ name }) => name === 'default')?.target ?? '';
  return [
    item(
      '',
      "Config's own routing",
      source === 'demo' ? 'the built-in demo, until you create a config' : `default: ${own}`,
    ),
    ...(presets.length > 0 ? [separator('Presets')] : []),
    ...presets.map(({ name, route }) => item(name, name, route)),
    ...(visible.length > 0 ? [separator('Routes')] : []),
    ...visible.map(({ name, target }) => item(name, name, target)),
  ];
}

/** Shown when the setting ccr.activePreset names something unknown to the config. */
export function showUnknownPreset(name: string): void {
  showInformation(
    `The CCR config has no preset or route "${name}". This window uses the config's own routing.`,
    commandAction('Switch Preset', 'ccr.switchPreset'),
    openConfigAction,
  );
}
