import { parse } from 'dotenv';
import path from 'node:path';
import { messageOf } from '../canonical/errors.ts';
import { worded, wording } from '../canonical/wording.ts';
import type { Problem } from './problems.ts';
import type { DotenvFile } from './variables.ts';

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
function dotenvFiles({ workspaceFolder, homeDirectory }: FindOptions): string[] {
  const folders = [workspaceFolder, configFolder(homeDirectory)].filter((folder) => folder !== undefined);
  return folders.map((folder) => path.join(folder, '.env'));
}

/** The `.env` files in order of precedence. */
export function readDotenvFiles(
  options: FindOptions,
  readFile: ReadFile,
): { files: DotenvFile[]; names: string[]; problems: Problem[] } {
  const names = dotenvFiles(options);
  const files: DotenvFile[] = [];
  const problems: Problem[] = [];
  for (const file of names) {
    try {
      files.push({
        label: withTilde(file, options.homeDirectory),
        values: parse(readFile(file).replace(/^\uFEFF/, '')),
      });
    } catch (error) {
      if (!isAbsence(error))
        problems.push({
          severity: 'warning',
          code: 'unreadable-file',
          file,
          ...worded(wording("Can't read this file: {0}.", codeOf(error))),
        });
    }
  }
  return { files, names, problems };
}

/** EISDIR: a folder named `.env` is probably a Python environment. */
function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error));
}

/** Node's error code, such as ENOENT; otherwise the error's message. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return messageOf(error);
}

function absolute(name: string, base: string, homeDirectory: string): string {
  return /^~(?=[\\/]|$)/.test(name) ? path.join(homeDirectory, name.slice(1)) : path.resolve(base, name);
}

function withTilde(file: string, homeDirectory: string): string {
  const relative = path.relative(homeDirectory, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : path.join('~', relative);
}
