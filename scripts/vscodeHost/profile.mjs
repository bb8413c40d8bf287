// A VS Code profile on disk: its folders, and settings that turn off prompts and notifications.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const quietSettings = {
  'chat.disableAIFeatures': true, // else a Chat side bar takes a third of the window
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'git.enabled': false,
  'remote.autoForwardPorts': false, // else a toast for every port that a test opens
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'terminal.integrated.gpuAcceleration': 'off', // else the terminal is a canvas, without text that a test can read
  'workbench.reduceMotion': 'on', // else screenshots catch fades half-way
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** The folders of a profile below one folder. */
export function profileIn(folder) {
  return { dataFolder: path.join(folder, 'data'), extensionsFolder: path.join(folder, 'extensions') };
}

/**
 * Creates the profile's folders and settings. Keeps existing settings, which the user may have changed.
 * @param {{ dataFolder: string, extensionsFolder: string }} profile
 * @param {Record<string, unknown>} settings besides the quiet ones, of any scope
 */
export function createProfile(profile, settings = {}) {
  mkdirSync(profile.extensionsFolder, { recursive: true });
  writeSettings(path.join(profile.dataFolder, 'User'), { ...quietSettings, ...settings });
  // A remote extension host, as in code-server, reads settings of machine scope only from here.
  writeSettings(path.join(profile.dataFolder, 'Machine'), settings);
  return profile;
}

function writeSettings(folder, settings) {
  const file = path.join(folder, 'settings.json');
  if (existsSync(file)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(settings, null, 2));
}
