import { findNamed } from '../canonical/lists.ts';
import * as vscode from 'vscode';
import type { NewProvider, ProviderUse } from '../config/addProvider.ts';
import { formatTarget, parseTarget } from '../config/routes.ts';
import type { GatewayState } from '../control/protocol.ts';
import { askInput } from './inputBox.ts';

const t = vscode.l10n.t;

export type UseFacts = Pick<GatewayState, 'source' | 'routes' | 'targets' | 'presets'>;

const title = t('CCR: Add Provider');

const routes = [
  { name: 'default', label: t('Use as the default'), what: t('all requests without a route of their own') },
  { name: 'think', label: t('Use for thinking'), what: t('requests that ask for thinking') },
  { name: 'background', label: t('Use for background work'), what: t('titles, summaries and other small requests') },
  { name: 'longContext', label: t('Use for long contexts'), what: t('requests that are longer than the threshold') },
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
  const now = (route: string): string => findNamed(state.routes, route)?.target ?? t('not set');
  type Item = vscode.QuickPickItem & { use: ProviderUse | 'ask-name' };
  const items: Item[] = [
    {
      label: t('Keep the current routes'),
      description: t('use it by its name, or choose it in the switcher'),
      use: 'none',
    },
    ...routes.map((route) => ({
      label: route.label,
      description: t('{0}; now {1}', route.what, now(route.name)),
      detail: `Router.${route.name}: ${target}`,
      use: { route: route.name },
    })),
    { label: t('Make a preset of it...'), description: t('a name that a window can switch to'), use: 'ask-name' },
  ];
  const options = { title, placeHolder: t('What is it for?'), ignoreFocusOut: true };
  const chosen = (await vscode.window.showQuickPick(items, options))?.use;
  if (chosen !== 'ask-name') return chosen;
  const preset = await askInput({
    title,
    prompt: t('The name of the preset, which stands for {0}.', target),
    validate: (text) => presetFault(text, state),
  });
  return preset === undefined ? undefined : { preset };
}

function presetFault(text: string, { presets }: UseFacts): string | undefined {
  const name = text.trim();
  if (!/^[\w.-]{1,64}$/.test(name)) return t('Enter a name of letters, digits, "-", "_" and ".".');
  return presets.some((each) => each.name === name) ? t('The config already has a preset "{0}".', name) : undefined;
}

/** A default that only fails at the moment is kept. */
function isDefaultOff({ routes: configured, targets }: UseFacts): boolean {
  const route = parseTarget(findNamed(configured, 'default')?.target ?? '');
  const found = route && targets.find(({ target }) => target === formatTarget(route));
  return !found || found.state === 'off';
}
