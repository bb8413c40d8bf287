import { t } from './l10n.ts';
import type { Memento } from 'vscode';
import type { Finding } from '../doctor/facts.ts';
import type { CommandHandlers } from '../manifest/commands.ts';
import type { viewCommands } from '../manifest/viewCommands.ts';
import { addKnownProvider } from './addProvider.ts';
import type { ClientTerminals } from './clientTerminals.ts';
import { showFailure } from './failureMessage.ts';
import { copyBaseUrl, validateConfig } from './configCommands.ts';
import { confirmRestart, confirmRestartEverywhere, confirmStop } from './confirmEnd.ts';
import { connectClaudeCode, disconnectClaudeCode } from './connectClaudeCode.ts';
import { connectCodex, restoreCodexConfig } from './connectCodex.ts';
import { currentConfigFile } from './currentConfigFile.ts';
import { problemLine } from './displayLanguage.ts';
import { connectVscodeChat, disconnectVscodeChat } from './connectVscodeChat.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { openConfigAction, showInformation, showWarning } from './messages.ts';
import { openConfig } from './openConfig.ts';
import { removeProviderKey, setProviderKey, type CheckProviderKey, type KeyedProvider } from './providerKeys.ts';
import { refreshModelCatalog } from './refreshModelCatalog.ts';
import { runDoctor } from './runDoctor.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';
import { subjectOf } from './views/viewHandlers.ts';
import { switchPreset, type SwitcherParts } from './switchPreset.ts';
import type { TerminalClient } from './terminalEnvironment.ts';
import type { WindowLog } from './windowLog.ts';

export type HandlerParts = {
  window: WindowEnvironment;
  link: GatewayLink;
  secrets: ProviderSecrets;
  terminals: ClientTerminals;
  switcher: SwitcherParts;
  log: WindowLog;
  /** The real client, if it is in this process's PATH. */
  findClient(client: TerminalClient): Promise<string | undefined>;
  /** Writes the program that hands out the token and returns its path. */
  writeTokenHelper(): string;
  /** Has this window offer VS Code's own models to the gateway. */
  offerModels(): Promise<void>;
  /** The problems in the whole chain, in the order in which to fix them. */
  examine(): Promise<Finding[]>;
  /** Where VS Code keeps the extension's files for all workspaces. */
  storage: string;
  /** What the extension remembers over restarts, on this machine. */
  memory: Memento;
};

/** The handlers of the palette's commands. An argument from a keybinding answers the command's question. */
export function createHandlers(parts: HandlerParts): Omit<CommandHandlers, keyof typeof viewCommands> {
  const { window, link, secrets, log } = parts;
  return {
    'ccr.startProxy': async () => {
      const before = link.status();
      if (before.kind === 'running') return showInformation(t('CCR is already running at {0}', before.url));
      await link.start();
    },
    'ccr.stopProxy': async () => {
      if (link.status().kind === 'stopped') return showInformation(t('CCR is not running.'));
      if (await confirmStop(link)) await link.stop();
    },
    'ccr.restartProxy': async () => {
      if (await confirmRestart(link)) await link.restart();
    },
    'ccr.restartInAllWindows': async () => {
      if (await confirmRestartEverywhere(link)) await link.restart();
    },
    'ccr.switchPreset': (name?: unknown) => switchPreset(parts.switcher, name),
    'ccr.openCodexTerminal': () => startInTerminal(parts, 'codex'),
    'ccr.openClaudeTerminal': () => startInTerminal(parts, 'claude'),
    'ccr.addProvider': async () => {
      const status = link.status();
      const state = status.kind === 'running' ? status.state : undefined;
      const client = link.client();
      return addKnownProvider({
        secrets,
        client,
        state,
        configFile: currentConfigFile(window, link),
        providers: await configuredProviders(parts),
        offerModels: parts.offerModels,
      });
    },
    'ccr.setProviderApiKey': async (name?: unknown) => {
      const check: CheckProviderKey = async (provider, key) => link.client()?.check({ provider, key, once: true });
      if (await warnOfBrokenConfig(parts)) return;
      await setProviderKey(secrets, await configuredProviders(parts), check, subjectOf(name));
    },
    'ccr.removeProviderApiKey': (name?: unknown) => removeProviderKey(secrets, subjectOf(name)),
    'ccr.refreshModelCatalog': () => refreshModelCatalog(link),
    'ccr.connectCodex': () => connectCodex({ ...parts, homeDirectory: window.homeDirectory }),
    'ccr.restoreCodexConfig': () => restoreCodexConfig({ ...parts, homeDirectory: window.homeDirectory }),
    'ccr.connectClaudeCode': () => connectClaudeCode(parts),
    'ccr.disconnectClaudeCode': () => disconnectClaudeCode(parts),
    'ccr.connectVscodeChat': () => connectVscodeChat({ ...parts, homeDirectory: window.homeDirectory }),
    'ccr.disconnectVscodeChat': () => disconnectVscodeChat({ ...parts, homeDirectory: window.homeDirectory }),
    'ccr.runDoctor': () => runDoctor(parts.examine),
    'ccr.validateConfig': () => validateConfig(window, secrets),
    'ccr.copyBaseUrl': () => copyBaseUrl(link, window.scope),
    'ccr.openConfig': () => openConfig(currentConfigFile(window, link)),
    'ccr.showLog': () => log.show(),
  };
}

async function startInTerminal({ link, terminals, findClient }: HandlerParts, client: TerminalClient): Promise<void> {
  const before = link.status().kind;
  const status = await link.start();
  // A new failure has already been shown.
  if (status.kind === 'failed') return before === 'failed' ? showFailure(status.problem) : undefined;
  terminals.open(client, await findClient(client));
}

/** From the gateway, which has the keys of every window; else from the config. */
async function configuredProviders({ link, window }: HandlerParts): Promise<KeyedProvider[]> {
  const status = link.status();
  if (status.kind === 'running') return status.state.source === 'demo' ? [] : status.state.providers;
  const config = await window.config();
  return config.usable && config.source === 'file' ? config.providers : [];
}

/** Without a running gateway, a broken config hides its providers. Resolves with whether it did. */
async function warnOfBrokenConfig({ link, window, secrets }: HandlerParts): Promise<boolean> {
  if (link.status().kind === 'running') return false;
  const { usable, problems } = await window.config(await secrets.all());
  if (usable) return false;
  const [first] = problems.filter(({ severity }) => severity === 'error');
  showWarning(t('Fix the config before you set a key. {0}', first ? problemLine(first) : ''), openConfigAction);
  return true;
}
