import * as vscode from 'vscode';
import { parseTarget } from '../config/routes.ts';
import type { ModelTest } from '../control/modelTests.ts';
import type { ModelView, RequestView } from '../control/protocol.ts';
import { spokenAll } from '../canonical/wording.ts';
import { describeCheck } from '../gateway/describeCheck.ts';
import type { ChoiceStore } from './choiceStore.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { makeDefault } from './makeDefault.ts';
import { showInformation, showWarning, startAction, withProgress } from './messages.ts';
import { targetOf } from './answering.ts';
import { choiceOf, type ScopeKeeper } from './scope.ts';
import { switcherItems, type SwitcherButton, type SwitcherItem } from './switcherItems.ts';

const t = vscode.l10n.t;

export type SwitcherParts = {
  link: GatewayLink;
  choices: ChoiceStore;
  /** This window's latest request. */
  last(): RequestView | undefined;
  /** The latest contract tests. */
  tests(): Promise<readonly ModelTest[]>;
  /** Passes the choice to the gateway. */
  apply(): Promise<void>;
};

export function createSwitcherParts(parts: Omit<SwitcherParts, 'apply'> & { scopes: ScopeKeeper }): SwitcherParts {
  const { link, scopes } = parts;
  return {
    ...parts,
    async apply() {
      const status = link.status();
      const client = link.client();
      if (status.kind === 'running' && client) await scopes.refresh(client, status.state);
    },
  };
}

/**
 * Chooses the preset, route or model for this window's terminals, from the next request on, conversations that are under way
 * included.
 * @param name from a keybinding: a preset, a route, `provider,model`, or '' for the config's own routing
 */
export async function switchPreset(parts: SwitcherParts, name?: unknown): Promise<void> {
  const status = parts.link.status();
  if (status.kind !== 'running') {
    showInformation(t('CCR is not running. Start it to switch models.'), startAction);
    return;
  }
  if (typeof name === 'string') return use(parts, name);
  const models = (await parts.link.client()?.listModels()) ?? [];
  const picked = await pick(parts, models, await parts.tests());
  if (picked?.kind === 'command') await vscode.commands.executeCommand(picked.command);
  if (picked?.kind === 'choice') await use(parts, picked.name);
}

async function use(parts: SwitcherParts, name: string): Promise<void> {
  const { link, choices } = parts;
  const status = link.status();
  if (status.kind !== 'running') return;
  if (choiceOf(name, status.state) === undefined) throw new Error(t('The config has no preset or route "{0}".', name));
  const before = choices.name();
  if (before === name) return;
  await choices.choose(name);
  await parts.apply();
  const undo = async (): Promise<void> => {
    await choices.choose(before);
    await parts.apply();
  };
  showInformation(switchedText(name, targetOf(name === '' ? 'default' : name, status.state)), {
    title: t('Undo'),
    run: undo,
  });
}

function switchedText(name: string, target: string | undefined): string {
  const answers = target === undefined || target === name ? '' : ` (${target})`;
  return name === ''
    ? t("This window uses the config's own routing{0} from the next request on.", answers)
    : t('This window uses {0} from the next request on.', `${name}${answers}`);
}

const buttons: Record<SwitcherButton, vscode.QuickInputButton> = {
  test: { iconPath: new vscode.ThemeIcon('beaker'), tooltip: t('Test This Model') },
  'set-key': { iconPath: new vscode.ThemeIcon('key'), tooltip: t("Set the Provider's API Key") },
  'make-default': { iconPath: new vscode.ThemeIcon('star-empty'), tooltip: t('Make It the Default') },
};

type Row = vscode.QuickPickItem & { item: SwitcherItem };

function rowOf(item: SwitcherItem): Row {
  switch (item.kind) {
    case 'separator':
      return { label: item.label, kind: vscode.QuickPickItemKind.Separator, item };
    case 'command':
      return { label: item.label, description: item.description ?? '', item };
    case 'choice':
      return {
        label: item.label,
        description: item.description,
        ...(item.detail !== undefined && { detail: item.detail }),
        buttons: item.buttons.map((name) => buttons[name]),
        item,
      };
    default:
      return item satisfies never;
  }
}

/** Resolves with the chosen row. A button of a row acts, and the list closes unless it is a test. */
function pick(
  parts: SwitcherParts,
  models: readonly ModelView[],
  tests: readonly ModelTest[],
): Promise<SwitcherItem | undefined> {
  const { promise, resolve } = Promise.withResolvers<SwitcherItem | undefined>();
  const list = vscode.window.createQuickPick<Row>();
  const show = (): void => {
    const status = parts.link.status();
    if (status.kind !== 'running') return list.hide();
    const facts = {
      state: status.state,
      models,
      tests,
      last: parts.last(),
      chosen: parts.choices.name(),
    };
    list.items = switcherItems(facts).map(rowOf);
  };
  list.title = t('CCR: Switch Preset');
  list.placeholder = t("Choose what answers this window's terminals, from the next request on");
  list.matchOnDescription = true;
  show();
  list.activeItems = list.items.filter(({ item }) => item.kind === 'choice' && item.name === parts.choices.name());
  list.onDidAccept(() => {
    resolve(list.selectedItems[0]?.item);
    list.hide();
  });
  list.onDidTriggerItemButton(({ item: { item }, button }) => {
    if (item.kind !== 'choice' || item.target === undefined) return;
    const name = item.buttons.find((each) => buttons[each] === button);
    if (name !== 'test') list.hide();
    void press(parts, name, item.target).catch((error: unknown) => showWarning(String(error)));
  });
  list.onDidHide(() => {
    list.dispose();
    resolve(undefined);
  });
  list.show();
  return promise;
}

async function press(parts: SwitcherParts, button: SwitcherButton | undefined, target: string): Promise<void> {
  const provider = parseTarget(target)?.provider;
  switch (button) {
    case 'test':
      return testModel(parts, target);
    case 'set-key':
      return void (await vscode.commands.executeCommand('ccr.setProviderApiKey', provider));
    case 'make-default':
      return makeDefault(parts.link, target);
    case undefined:
      return undefined;
    default:
      return button satisfies never;
  }
}

/** Sends the model a small request. */
async function testModel({ link }: SwitcherParts, target: string): Promise<void> {
  const reference = parseTarget(target);
  const client = link.client();
  if (!reference || !client) return;
  const { provider, model } = reference;
  const checks = await withProgress(t('Testing {0}...', target), () => client.check({ provider, model, once: true }));
  const [check] = checks ?? [];
  if (!check) return;
  if (check.fault) showWarning(spokenAll(describeCheck(check), t));
  else showInformation(spokenAll(describeCheck(check), t));
}
