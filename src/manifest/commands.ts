/** Every command by its id; the compiler demands a handler for each (`CommandHandlers`). */
export const commands = {
  'ccr.startProxy': { title: 'Start Proxy' },
  'ccr.stopProxy': { title: 'Stop Proxy' },
  'ccr.restartProxy': { title: 'Restart Proxy' },
  'ccr.switchPreset': { title: 'Switch Preset' },
  'ccr.openCodexTerminal': { title: 'Open Codex Terminal' },
  'ccr.addProvider': { title: 'Add Provider' },
  'ccr.setProviderApiKey': { title: 'Set Provider API Key' },
  'ccr.removeProviderApiKey': { title: 'Remove Provider API Key' },
  'ccr.refreshModelCatalog': { title: 'Refresh Model Catalog' },
  'ccr.openConfig': { title: 'Open Config' },
  'ccr.showLog': { title: 'Show Log' },
} as const satisfies Record<string, { title: string }>;

export type CommandId = keyof typeof commands;
export type CommandHandlers = Record<CommandId, () => unknown>;

/** The prefix in the Command Palette: `CCR: Start Proxy`. */
export const commandCategory = 'CCR';
