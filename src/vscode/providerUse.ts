import * as vscode from 'vscode';
import type { NewProvider, ProviderUse } from '../config/addProvider.ts';
import { formatTarget, parseTarget } from '../config/routes.ts';
import type { GatewayState } from '../control/protocol.ts';
import { askInput } from './inputBox.ts';

export type UseFacts = Pick<GatewayState, 'source' | 'routes' | 'targets' | 'presets'>;

const title = 'CCR: Add Provider';

const routes = [
  { name: 'default', label: 'Use as the default', what: 'all requests without a route of their own' },
  { name: 'think', label: 'Use for thinking', what: 'requests that ask for thinking' },
  { name: 'background', label: 'Use for background work', what: 'titles, summaries and other small requests' },
  { name: 'longContext', label: 'Use for long contexts', what: 'requests that are longer than the threshold' },
] as const;

/**
 * Asks what a new provider is for, and shows what that changes. Without a default that can answer it is the default, without asking.
 * Undefined: cancelled.
 */
export async function askForUse(
  { name, models }: NewProvider,
  state: UseFacts | undefined,
): Promise<ProviderUse | undefined> {
  if (!state || state.source === 'demo' || isDefaultOff(state)) return { route: 'default' };
  const target = `${name},${models[0] ?? ''}`;
  const now = (route: string): string => state.routes.find((each) => each.name === route)?.target ?? 'not set';
  type Item = vscode.QuickPickItem & { use: ProviderUse | 'ask-name' };
  const items: Item[] = [
    { label: 'Keep the current routes', description: 'use it by its name, or choose it in the switcher', use: 'none' },
    ...routes.map((route) => ({
      label: route.label,
      description: `${route.what}; now ${now(route.name)}`,
      detail: `Router.${route.name}: ${target}`,
      use: { route: route.name },
    })),
    { label: 'Make a preset of it...', description: 'a name that a window can switch to', use: 'ask-name' },
  ];
  const options = { title, placeHolder: 'What is it for?', ignoreFocusOut: true };
  const chosen = (await vscode.window.showQuickPick(items, options))?.use;
  if (chosen !== 'ask-name') return chosen;
  const preset = await askInput({
    title,
    prompt: `The name of the preset, which stands for ${target}.`,
    validate: (text) => presetFault(text, state),
  });
  return preset === undefined ? undefined : { preset };
}

function presetFault(text: string, { presets }: UseFacts): string | undefined {
  const name = text.trim();
  if (!/^[\w.-]{1,64}$/.test(name)) return 'Enter a name of letters, digits, "-", "_" and ".".';
  return presets.some((each) => each.name === name) ? `The config already has a preset "${name}".` : undefined;
}

/** A default that only fails at the moment is kept. */
function isDefaultOff({ routes: configured, targets }: UseFacts): boolean {
  const route = parseTarget(configured.find(({ name }) => name === 'default')?.target ?? '');
  const found = route && targets.find(({ target }) => target === formatTarget(route));
  return !found || found.state === 'off';
}
