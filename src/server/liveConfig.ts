import { unwatchFile, watchFile, type Stats } from 'node:fs';
import { bindingProblem } from '../config/access.ts';
import { loadConfig, type LoadedConfig, type LoadOptions, type UsableConfig } from '../config/load.ts';
import { formatProblem, type Problem } from '../config/problems.ts';
import type { Log } from '../observe/log.ts';
import { transformerNames } from '../providers/findProvider.ts';

/** The config can't be used, or must not be. Its message has a line for each problem, with its place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type LiveConfigOptions = Omit<LoadOptions, 'knownTransformers' | 'readFile' | 'secrets'> & { log: Log };

/** The config of a running gateway. One that turns bad does not end it: the last good one stays in force. */
export type LiveConfig = {
  current(): UsableConfig;
  /** Of the newest reading, which may be of a broken file. */
  problems(): readonly Problem[];
  isEnabled(provider: string): boolean;
  /** Takes effect at once; null forgets a secret. Each window sends what it has: what is no news changes nothing. */
  putSecrets(changes: Record<string, string | null>): void;
  /** Reads the files again and tells `onChange`. */
  reload(): void;
  close(): void;
};

/** How often the files are looked at. Milliseconds. */
const watchIntervalMs = 1000;

/** @throws ConfigError when there is nothing to start with. */
export function openLiveConfig(options: LiveConfigOptions, onChange: (config: UsableConfig) => void): LiveConfig {
  const { log } = options;
  const secrets = new Map<string, string>();
  const load = (): LoadedConfig =>
    loadConfig({ ...options, secrets: Object.fromEntries(secrets), knownTransformers: transformerNames });
  let current = requireUsable(load());
  let problems = current.problems;
  let watched: string[] = [];
  logProblems(problems, log);
  watch();

  function watch(): void {
    for (const file of watched) unwatchFile(file, onStat);
    watched = current.watched;
    for (const file of watched) watchFile(file, { interval: watchIntervalMs, persistent: false }, onStat);
  }

  /** Node calls this at once for a file that does not exist, with equal times. */
  function onStat(now: Stats, before: Stats): void {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) reload();
  }

  function reload(): void {
    const loaded = load();
    problems = loaded.problems;
    logProblems(problems, log);
    if (loaded.usable) {
      const moved = loaded.watched.join('\n') !== watched.join('\n');
      current = loaded;
      if (moved) watch();
      log.info(`The config was read: ${loaded.file}`);
    } else {
      log.error(`${loaded.file} can't be used; the last good config stays in force.`);
    }
    onChange(current);
  }

  return {
    current: () => current,
    problems: () => problems,
    isEnabled: (provider) => current.providers.find(({ name }) => name === provider)?.enabled ?? false,
    putSecrets(changes) {
      const news = Object.entries(changes).filter(([name, value]) => (secrets.get(name) ?? null) !== value);
      for (const [name, value] of news) {
        if (value === null) secrets.delete(name);
        else secrets.set(name, value);
      }
      if (news.length > 0) reload();
    },
    reload,
    close: () => watched.forEach((file) => unwatchFile(file, onStat)),
  };
}

function logProblems(problems: readonly Problem[], log: Log): void {
  for (const problem of problems) log[problem.severity === 'error' ? 'error' : 'warn'](formatProblem(problem));
}

function requireUsable(loaded: LoadedConfig): UsableConfig {
  if (!loaded.usable) {
    const errors = loaded.problems.filter(({ severity }) => severity === 'error');
    throw new ConfigError(errors.map(formatProblem).join('\n'));
  }
  const binding = bindingProblem(loaded.config.HOST, loaded.access);
  if (binding) throw new ConfigError(formatProblem(binding));
  return loaded;
}
