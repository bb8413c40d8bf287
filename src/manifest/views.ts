// package.json's `contributes` of the activity bar's views and the dashboard.
import { viewCommands } from './viewCommands.ts';

const inlineOrder = 'inline@';

export function viewContributions(): object {
  return {
    viewsContainers: {
      activitybar: [{ id: 'ccr', title: 'CCR', icon: 'media/ccr.svg' }],
      panel: [{ id: 'ccrPanel', title: 'CCR', icon: 'media/ccr.svg' }],
    },
    views: {
      ccr: [
        { id: 'ccr.providers', name: 'Providers', icon: 'media/ccr.svg' },
        { id: 'ccr.routes', name: 'Presets and Routes', icon: 'media/ccr.svg' },
        { id: 'ccr.requests', name: 'Recent Requests', icon: 'media/ccr.svg' },
        { id: 'ccr.sessions', name: 'Sessions', icon: 'media/ccr.svg', visibility: 'collapsed' },
      ],
      ccrPanel: [{ id: 'ccr.dashboardView', name: 'Dashboard', type: 'webview', icon: 'media/ccr.svg' }],
    },
    viewsWelcome: [
      { view: 'ccr.providers', contents: 'CCR is not running.\n[Start](command:ccr.startProxy)', when: '!ccr.running' },
      { view: 'ccr.routes', contents: 'CCR is not running.', when: '!ccr.running' },
      {
        view: 'ccr.requests',
        contents: 'No requests yet.\n[Open a Codex terminal](command:ccr.openCodexTerminal)',
      },
      { view: 'ccr.sessions', contents: 'No conversations yet.' },
    ],
  };
}

export function viewMenus(): Record<string, object[]> {
  return {
    'view/title': [
      { command: 'ccr.addProvider', when: 'view == ccr.providers', group: 'navigation@1' },
      { command: 'ccr.openConfig', when: 'view == ccr.providers', group: 'navigation@2' },
      { command: 'ccr.openDashboard', when: 'view == ccr.requests || view == ccr.sessions', group: 'navigation@1' },
    ],
    'view/item/context': [
      ...itemAction('ccr.testProvider', String.raw`view == ccr.providers && viewItem =~ /^(provider|demo)/`, 1),
      ...itemAction('ccr.testModel', 'view == ccr.providers && viewItem == model', 1),
      ...itemAction('ccr.setProviderApiKey', String.raw`view == ccr.providers && viewItem =~ /^(provider|key)/`, 2),
      ...itemAction('ccr.removeProviderApiKey', 'view == ccr.providers && viewItem == key.stored', 3),
      ...itemAction('ccr.removeProvider', String.raw`view == ccr.providers && viewItem =~ /^provider/`, 3),
      ...itemAction('ccr.useRoute', String.raw`view == ccr.routes && viewItem =~ /^(own|preset|route)$/`, 1),
      ...itemAction('ccr.testRoute', 'view == ccr.routes', 2),
      ...itemAction('ccr.showRequest', 'viewItem == request', 1),
      { command: 'ccr.reportProblem', when: 'viewItem == request', group: '1_actions@2' },
    ],
    commandPalette: Object.entries(viewCommands)
      .filter(([, command]) => 'isOnlyInViews' in command)
      .map(([command]) => ({ command, when: 'false' })),
  };
}

/** As a button of the row, and in its context menu, which the keyboard reaches. */
function itemAction(command: string, when: string, place: number): object[] {
  return [
    { command, when, group: `${inlineOrder}${place}` },
    { command, when, group: `1_actions@${place}` },
  ];
}
