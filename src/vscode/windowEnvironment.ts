import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { findConfigFile } from '../config/files.ts';
import type { LoadedConfig, LoadOptions } from '../config/load.ts';
import { readSettings, type SettingName, type Settings } from '../manifest/settings.ts';
import { translateConfig } from './displayLanguage.ts';
import type { Place } from './gatewayConnector.ts';
import { scopeId } from './scope.ts';
import { proxyVariables } from './terminalEnvironment.ts';

/** This window's settings, workspace, environment variables and config. Every function reads current values. */
export type WindowEnvironment = {
  homeDirectory: string;
  scope: string;
  settings(): Settings;
  /** One sentence for each setting with an invalid value. */
  settingProblems(): string[];
  loadOptions(): LoadOptions;
  /** With `secrets` from the secret storage, so that none of them is reported missing. Asynchronous, since what reads it is loaded then. */
  config(secrets?: Record<string, string>): Promise<LoadedConfig>;
  configFile(): string;
  place(): Promise<Place>;
};

const defaultPlace: Place = { host: '127.0.0.1', port: 3456 };

/** @param emptyScope the scope of a window without a folder */
export function createWindowEnvironment(emptyScope: () => string): WindowEnvironment {
  const homeDirectory = homedir();
  const read = (): ReturnType<typeof readSettings> => {
    const configuration = vscode.workspace.getConfiguration('ccr');
    return readSettings((name: SettingName) => configuration.get(name));
  };
  const settings = (): Settings => read().settings;

  function loadOptions(): LoadOptions {
    const { configFile, port, host, requireToken } = settings();
    return {
      settingFile: configFile,
      environment: { ...process.env, ...hostProxy() },
      homeDirectory,
      workspaceFolder: trustedFolder(),
      overrides: { port: port ?? undefined, host, requireToken },
    };
  }
  async function config(secrets?: Record<string, string>): Promise<LoadedConfig> {
    const { loadConfig } = await import('../config/load.ts');
    return translateConfig(loadConfig({ ...loadOptions(), secrets }));
  }

  return {
    homeDirectory,
    scope: scopeId(
      (vscode.workspace.workspaceFile ?? vscode.workspace.workspaceFolders?.[0]?.uri)?.toString(),
      emptyScope,
    ),
    settings,
    settingProblems: () => read().problems,
    loadOptions,
    config,
    configFile: () => findConfigFile(loadOptions()).file,
    async place() {
      const loaded = await config();
      if (loaded.usable) return { host: loaded.config.HOST, port: loaded.config.PORT };
      const { host, port } = settings();
      return { host: host || defaultPlace.host, port: port ?? defaultPlace.port };
    },
  };
}

/** The folder whose `.env` is read. An untrusted workspace must not set variables. */
function trustedFolder(): string | undefined {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.workspace.isTrusted && folder?.scheme === 'file' ? folder.fsPath : undefined;
}

function hostProxy(): Record<string, string> {
  const http = vscode.workspace.getConfiguration('http');
  return proxyVariables({
    proxy: http.get('proxy', ''),
    noProxy: http.get('noProxy', []),
    support: http.get('proxySupport', 'override'),
  });
}
