import type { CommandHandlers } from '../manifest/commands.ts';
import type { viewCommands } from '../manifest/viewCommands.ts';
import { addKnownProvider } from './addProvider.ts';
import { openCodexTerminal } from './codexTerminal.ts';
import { showFailure } from './failureMessage.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { showInformation } from './messages.ts';
import { openConfig } from './openConfig.ts';
import { removeProviderKey, setProviderKey, type CheckProviderKey, type KeyedProvider } from './providerKeys.ts';
import { refreshModelCatalog } from './refreshModelCatalog.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';
import { switchPreset } from './switchPreset.ts';
import { subjectOf } from './views/viewHandlers.ts';
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
};

/** The handlers of the palette's commands. An argument from a keybinding answers the command's question. */
export function createHandlers(parts: HandlerParts): Omit<CommandHandlers, keyof typeof viewCommands> {
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
      return setProviderKey(secrets, configuredProviders(parts), check, subjectOf(name));
    },
    'ccr.removeProviderApiKey': (name?: unknown) => removeProviderKey(secrets, subjectOf(name)),
    'ccr.refreshModelCatalog': () => refreshModelCatalog(link),
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
