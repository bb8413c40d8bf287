import type { Memento } from 'vscode';
import type { Finding } from '../doctor/facts.ts';
import type { CommandHandlers } from '../manifest/commands.ts';
import { addKnownProvider } from './addProvider.ts';
import { connectClaudeCode, disconnectClaudeCode } from './connectClaudeCode.ts';
import { connectCodex, restoreCodexConfig } from './connectCodex.ts';
import { openCodexTerminal } from './codexTerminal.ts';
import { showFailure } from './failureMessage.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { showInformation } from './messages.ts';
import { openConfig } from './openConfig.ts';
import { removeProviderKey, setProviderKey, type CheckProviderKey, type KeyedProvider } from './providerKeys.ts';
import { refreshModelCatalog } from './refreshModelCatalog.ts';
import { runDoctor } from './runDoctor.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';
import { switchPreset } from './switchPreset.ts';
import type { Terminals } from './terminals.ts';
import type { WindowLog } from './windowLog.ts';

export type HandlerParts = {
  window: WindowEnvironment;
  link: GatewayLink;
  secrets: ProviderSecrets;
  terminals: Terminals;
  log: WindowLog;
  /** The real Codex, if it is in this process's PATH. */
  findCodex(): string | undefined;
  /** Writes the program that hands out the token and returns its path. */
  writeTokenHelper(): string;
  /** What is wrong in the whole chain, first thing first. */
  examine(): Promise<Finding[]>;
  /** What the extension remembers over restarts, on this machine. */
  memory: Memento;
};

/** The handlers of the palette's commands. An argument from a keybinding answers the command's question. */
export function createHandlers(parts: HandlerParts): CommandHandlers {
  const { window, link, secrets, log } = parts;
  return {
    'ccr.startProxy': async () => {
      const before = link.status();
      if (before.kind === 'running') return showInformation(`CCR is already running at ${before.url}`);
      await link.start();
    },
    'ccr.stopProxy': async () => {
      if (link.status().kind === 'stopped') return showInformation('CCR is not running.');
      await link.stop();
    },
    'ccr.restartProxy': () => link.restart(),
    'ccr.switchPreset': (name?: unknown) => switchPreset(link, window.scope, name),
    'ccr.openCodexTerminal': () => startInCodexTerminal(parts),
    'ccr.addProvider': () => {
      const status = link.status();
      const state = status.kind === 'running' ? status.state : undefined;
      const client = link.client();
      return addKnownProvider({
        secrets,
        client,
        state,
        configFile: configFile(parts),
        providers: configuredProviders(parts),
      });
    },
    'ccr.setProviderApiKey': (name?: unknown) => {
      const check: CheckProviderKey = async (provider, key) => link.client()?.check({ provider, key, once: true });
      return setProviderKey(secrets, configuredProviders(parts), check, name);
    },
    'ccr.removeProviderApiKey': (name?: unknown) => removeProviderKey(secrets, name),
    'ccr.refreshModelCatalog': () => refreshModelCatalog(link),
    'ccr.connectCodex': () => connectCodex({ ...parts, homeDirectory: window.homeDirectory }),
    'ccr.restoreCodexConfig': () => restoreCodexConfig({ ...parts, homeDirectory: window.homeDirectory }),
    'ccr.connectClaudeCode': () => connectClaudeCode(parts),
    'ccr.disconnectClaudeCode': () => disconnectClaudeCode(parts),
    'ccr.runDoctor': () => runDoctor(parts.examine),
    'ccr.openConfig': () => openConfig(configFile(parts)),
    'ccr.showLog': () => log.show(),
  };
}

async function startInCodexTerminal({ link, terminals, findCodex }: HandlerParts): Promise<void> {
  const before = link.status().kind;
  const status = await link.start();
  // A new failure has already been shown.
  if (status.kind === 'failed') return before === 'failed' ? showFailure(status.problem) : undefined;
  openCodexTerminal(terminals, findCodex());
}

/** From the gateway, which has the keys of every window; else from the config. */
function configuredProviders({ link, window }: HandlerParts): KeyedProvider[] {
  const status = link.status();
  if (status.kind === 'running') return status.state.source === 'demo' ? [] : status.state.providers;
  const config = window.config();
  return config.usable && config.source === 'file' ? config.providers : [];
}

/** The running gateway's config file: another window may have started it with other settings. */
function configFile({ link, window }: HandlerParts): string {
  const status = link.status();
  return status.kind === 'running' ? status.state.configFile : window.configFile();
}
