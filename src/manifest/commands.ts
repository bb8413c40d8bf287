import { viewCommands } from './viewCommands.ts';

/**
 * Every command by its id. The compiler requires a handler for each (`CommandHandlers`). The descriptions are the table in
 * docs/cli.md.
 */
export const commands = {
  'ccr.startProxy': { title: 'Start Proxy', description: 'Starts the gateway, or attaches to the running one.' },
  'ccr.stopProxy': { title: 'Stop Proxy', description: 'Stops the gateway for all windows.' },
  'ccr.restartProxy': {
    title: 'Restart Proxy',
    description: 'Ends the gateway and starts one in this window. Asks first while it answers requests.',
  },
  'ccr.restartInAllWindows': {
    title: 'Restart in All Windows',
    description: 'Asks, ends the gateway of all windows, starts one in this window, and the others attach to it.',
  },
  'ccr.switchPreset': {
    title: 'Switch Preset',
    description: "Chooses the preset, route or model for this window's terminals, from the next request on.",
  },
  'ccr.openCodexTerminal': {
    title: 'Open Codex Terminal',
    description: 'Starts the gateway if necessary, and opens a terminal in which Codex uses CCR.',
  },
  'ccr.openClaudeTerminal': {
    title: 'Open Claude Terminal',
    description: 'Starts the gateway if necessary, and opens a terminal in which Claude Code uses CCR.',
  },
  'ccr.addProvider': {
    title: 'Add Provider',
    description:
      'Adds a known provider, or a server at any URL, to the config file, and its API key to the secret storage.',
    icon: '$(add)',
  },
  'ccr.setProviderApiKey': {
    title: 'Set Provider API Key',
    description: "Tries a provider's API key and stores it in VS Code's secret storage.",
    icon: '$(key)',
  },
  'ccr.removeProviderApiKey': {
    title: 'Remove Provider API Key',
    description: "Removes a provider's API key from the secret storage.",
    icon: '$(trash)',
  },
  'ccr.refreshModelCatalog': {
    title: 'Refresh Model Catalog',
    description: 'Refreshes context windows, prices and efforts of models from models.dev.',
  },
  'ccr.connectCodex': {
    title: 'Connect Codex',
    description:
      "Makes Codex use CCR by Codex's own config file, also outside VS Code's terminals. Shows the change first.",
  },
  'ccr.restoreCodexConfig': {
    title: 'Restore Codex Config',
    description: "Takes CCR out of Codex's config file. What Codex or you edited since stays.",
  },
  'ccr.connectClaudeCode': {
    title: 'Connect Claude Code',
    description: "Makes Claude Code's VS Code extension use CCR, by its setting `claudeCode.environmentVariables`.",
  },
  'ccr.disconnectClaudeCode': {
    title: 'Disconnect Claude Code',
    description: "Restores the setting of Claude Code's VS Code extension.",
  },
  'ccr.connectVscodeChat': {
    title: 'Connect VS Code Chat',
    description:
      "Adds CCR's models to VS Code's chat as a Custom Endpoint, with thinking and a choice of the effort. Shows the change first.",
  },
  'ccr.disconnectVscodeChat': {
    title: 'Disconnect VS Code Chat',
    description: "Takes CCR's Custom Endpoint out of VS Code's chat. What was edited since stays.",
  },
  'ccr.runDoctor': {
    title: 'Run Doctor',
    description:
      'Checks the whole chain from the config to the providers and clients, and offers to fix what is wrong.',
  },
  'ccr.validateConfig': {
    title: 'Validate Config',
    description: 'Checks the config file and shows its problems, without asking any provider.',
  },
  'ccr.copyBaseUrl': {
    title: 'Copy Base URL',
    description: "Copies the base URL of this window for OpenAI's clients.",
  },
  'ccr.openConfig': {
    title: 'Open Config',
    description: 'Opens the config file. Creates it first if it is missing.',
    icon: '$(gear)',
  },
  'ccr.showLog': { title: 'Show Log', description: 'Shows the log of the gateway and of this window.' },
  ...viewCommands,
} as const satisfies Record<string, CommandFacts>;

/** `icon`: for the buttons of views. */
type CommandFacts = { title: string; description: string; icon?: string; isOnlyInViews?: true };

export type CommandId = keyof typeof commands;
export type CommandHandlers = Record<CommandId, () => unknown>;

/** The prefix in the Command Palette: `CCR: Start Proxy`. */
export const commandCategory = 'CCR';
