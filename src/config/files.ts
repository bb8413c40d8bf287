import path from 'node:path';
import { messageOf } from '../canonical/errors.ts';

/** Reads a text file. @throws what node:fs throws. */
export type ReadFile = (file: string) => string;

export function configFolder(homeDirectory: string): string {
  return path.join(homeDirectory, '.claude-code-router');
}

export type FindOptions = {
  /** `--config`. */
  file?: string | undefined;
  /** The setting `ccr.configFile`. */
  settingFile?: string | undefined;
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  /** The trusted workspace folder, or the current directory: the base of relative paths, and its `.env` is read. */
  workspaceFolder?: string | undefined;
};

/** The config file, and the option, variable or setting that names it, if any: then it is an error if the file is missing. */
export function findConfigFile(options: FindOptions): { file: string; namedBy: string | undefined } {
  const base = options.workspaceFolder ?? options.homeDirectory;
  const candidates = [
    { name: options.file, namedBy: '--config', base },
    { name: options.environment['CCR_CONFIG'], namedBy: 'CCR_CONFIG', base },
    { name: options.settingFile, namedBy: 'the setting ccr.configFile', base: options.homeDirectory },
  ];
  for (const { name, namedBy, base } of candidates) {
    if (name !== undefined && name !== '') return { file: absolute(name, base, options.homeDirectory), namedBy };
  }
  return { file: path.join(configFolder(options.homeDirectory), 'config.json'), namedBy: undefined };
}

/** The files that the config is read from, existing or not: a change of one requires a reload. */
export function configFiles(options: FindOptions): string[] {
  return [findConfigFile(options).file, ...dotenvFiles(options)];
}

/** In order of precedence. */
export function dotenvFiles({ workspaceFolder, homeDirectory }: FindOptions): string[] {
  const folders = [workspaceFolder, configFolder(homeDirectory)].filter((folder) => folder !== undefined);
  return folders.map((folder) => path.join(folder, '.env'));
}

/** Node's error code, such as ENOENT; otherwise the error's message. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return messageOf(error);
}

function absolute(name: string, base: string, homeDirectory: string): string {
  return /^~(?=[\\/]|$)/.test(name) ? path.join(homeDirectory, name.slice(1)) : path.resolve(base, name);
}
