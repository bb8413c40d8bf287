import { findNamed } from '../../canonical/lists.ts';
import { oneLine } from '../../canonical/visibleText.ts';
import type { GatewayState } from '../../control/protocol.ts';
import { choiceName } from '../scope.ts';
import type { Translate } from '../../canonical/wording.ts';
import { lines, shown, type TreeNode } from './treeNode.ts';

/** The presets and routes between which a window chooses; the one in use is marked. `scope`: the window's. */
export function routeNodes(state: GatewayState, scope: string, t: Translate): TreeNode[] {
  const active = choiceName(state.scopes[scope]) ?? '';
  const node = (kind: 'own' | 'preset' | 'route', name: string, label: string, target: string): TreeNode => {
    const isActive = name === active;
    return {
      id: `${kind}:${name}`,
      label: shown(label),
      description: isActive ? t('{0} · in use', shown(target)) : shown(target),
      tooltip: lines([
        oneLine(label),
        kind === 'preset' ? t('Preset for {0}', oneLine(target)) : t('Route to {0}', oneLine(target)),
        isActive ? t("In use by this window's terminals") : undefined,
      ]),
      icon: isActive
        ? { name: 'check', color: 'testing.iconPassed' }
        : { name: kind === 'preset' ? 'bookmark' : 'git-branch' },
      context: isActive ? `${kind}.active` : kind,
      subject: name,
    };
  };
  const isPreset = (name: string): boolean => state.presets.some((preset) => preset.name === name);
  const own = findNamed(state.routes, 'default')?.target ?? '';
  return [
    node('own', '', t("Config's own routing"), own),
    ...state.presets.map(({ name, route }) => node('preset', name, name, route)),
    // A preset hides a route of the same name, and the demo has none to choose from.
    ...(state.source === 'demo' ? [] : state.routes.filter(({ name }) => !isPreset(name))).map(({ name, target }) =>
      node('route', name, name, target),
    ),
  ];
}
