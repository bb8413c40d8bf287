// When the palette offers the commands of a window, and where else they are.
import type { CommandId } from './commands.ts';

/** What `when` clauses know of the window. Set by vscode/commandContext.ts. */
export const contextKeys = { running: 'ccr.running' } as const;

/** Keys that are true for a moment: the walkthrough's steps complete by them. */
export const milestones = {
  /** The config has a provider that is on. */
  hasProvider: 'ccr.hasProvider',
  /** A request was answered. */
  answered: 'ccr.answered',
  /** The same, by a provider of the config. */
  answeredByProvider: 'ccr.answeredByProvider',
} as const;

export type Milestone = keyof typeof milestones;

/** Commands that make sense only while a gateway runs, or only while none does. */
const whenRunning: Partial<Record<CommandId, boolean>> = {
  'ccr.startProxy': false,
  'ccr.stopProxy': true,
  'ccr.restartProxy': true,
  'ccr.restartInAllWindows': true,
  'ccr.switchPreset': true,
  'ccr.copyBaseUrl': true,
  'ccr.testProvider': true,
  'ccr.refreshModelCatalog': true,
};

const inConfigFile = 'resourceFilename == config.json && resourceDirname =~ /\\.claude-code-router$/';

export function windowMenus(): Record<string, object[]> {
  return {
    commandPalette: Object.entries(whenRunning).map(([command, isRunning]) => ({
      command,
      when: isRunning ? contextKeys.running : `!${contextKeys.running}`,
    })),
    'editor/title': [{ command: 'ccr.validateConfig', when: inConfigFile, group: 'navigation' }],
  };
}

export const windowKeybindings = [
  { command: 'ccr.switchPreset' satisfies CommandId, key: 'ctrl+alt+m', mac: 'cmd+alt+m', when: contextKeys.running },
];
