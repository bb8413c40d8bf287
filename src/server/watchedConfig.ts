import { findNamed } from '../canonical/lists.ts';
import type { Wording } from '../canonical/wording.ts';
import { isUnsafeHost } from '../config/access.ts';
import { configFiles } from '../config/files.ts';
import { fileVersions, watchFiles } from '../config/fileWatcher.ts';
import { loadConfig, type LoadedConfig, type LoadOptions, type UsableConfig } from '../config/load.ts';
import { formatProblem, problemSentences, type Problem } from '../config/problems.ts';
import type { Log } from '../observe/log.ts';
import { transformerNames } from '../providers/findProvider.ts';

/** The config is invalid or unsafe. The message has one line for each problem, with its place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** For a window's own language. */
  readonly wording: readonly Wording[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.wording = problems.flatMap(problemSentences);
  }
}

export type WatchedConfigOptions = Omit<LoadOptions, 'knownTransformers' | 'readFile'> & { log: Log };

/** The config of a running gateway. If a change makes the file invalid, the last valid config stays in use. */
export type WatchedConfig = {
  current(): UsableConfig;
  /** Of the last load, which may have failed. */
  problems(): readonly Problem[];
  isEnabled(provider: string): boolean;
  /** Of the secret storage, used or not. */
  secrets(): string[];
  /** Takes effect at once; null removes a secret. Values that are already known cause no reload. */
  putSecrets(changes: Record<string, string | null>): void;
  /** Reads the files again and calls `onChange`. */
  reload(): void;
  close(): void;
};

/** Loads the config, and again whenever its files change. @throws ConfigError if the config can't be used at first. */
export function watchConfig(options: WatchedConfigOptions, onChange: (config: UsableConfig) => void): WatchedConfig {
  const { log } = options;
  const secrets = new Map(Object.entries(options.secrets ?? {}));
  const load = (): LoadedConfig =>
    loadConfig({ ...options, secrets: Object.fromEntries(secrets), knownTransformers: transformerNames });
  const files = configFiles(options);
  const versions = fileVersions(files);
  let current = requireUsable(load());
  let problems = current.problems;
  logProblems(problems, log);
  // A change that is noticed late, when it is in use already, must not end the cooldowns that were found since.
  const watcher = watchFiles(files, versions, () => void (readAgain() && onChange(current)));

  /** Whether anything is different. */
  function readAgain(): boolean {
    const before = reportOf(current, problems);
    const loaded = load();
    problems = loaded.problems;
    if (loaded.usable) current = loaded;
    // A save is noticed in several ways: by the file's watcher, by the window that wrote it, by its new key.
    const isNew = reportOf(current, problems) !== before;
    if (isNew) report(loaded);
    return isNew;
  }

  function reload(): void {
    readAgain();
    onChange(current);
  }

  function report(loaded: LoadedConfig): void {
    logProblems(problems, log);
    if (loaded.usable) log.info(`Loaded the config: ${loaded.file}`);
    else log.error(`${loaded.file} is invalid. The last valid config stays in use.`);
  }

  return {
    current: () => current,
    problems: () => problems,
    isEnabled: (provider) => findNamed(current.providers, provider)?.enabled ?? false,
    secrets: () => [...secrets.values()],
    putSecrets(changes) {
      const changed = Object.entries(changes).filter(([name, value]) => (secrets.get(name) ?? null) !== value);
      for (const [name, value] of changed) {
        if (value === null) secrets.delete(name);
        else secrets.set(name, value);
      }
      if (changed.length > 0) reload();
    },
    reload,
    close: watcher.close,
  };
}

/** All that a line of the log could say of a config. */
function reportOf({ config, providers }: UsableConfig, problems: readonly Problem[]): string {
  return JSON.stringify([config, providers, problems]);
}

function logProblems(problems: readonly Problem[], log: Log): void {
  for (const problem of problems) log[problem.severity === 'error' ? 'error' : 'warn'](formatProblem(problem));
}

function requireUsable(loaded: LoadedConfig): UsableConfig {
  if (!loaded.usable) {
    const errors = loaded.problems.filter(({ severity }) => severity === 'error');
    throw new ConfigError(errors);
  }
  const unsafe = loaded.problems.filter(isUnsafeHost);
  if (unsafe.length > 0) throw new ConfigError(unsafe);
  return loaded;
}
