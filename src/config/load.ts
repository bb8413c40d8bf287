import { isObject } from '../canonical/json.ts';
import { accessOf, bindingProblem, type Access } from './access.ts';
import { checkConfig, type Checked } from './check.ts';
import { decodeText } from './decodeText.ts';
import { demoConfig } from './demo.ts';
import { readDotenvFiles } from './dotenvFiles.ts';
import { codeOf, findConfigFile, type FindOptions, type ReadFile } from './files.ts';
import { parseConfigText } from './parse.ts';
import { worded, wording, type Wording } from '../canonical/wording.ts';
import type { Problem } from './problems.ts';
import { readSecretFile } from './secretFile.ts';
import type { ProviderStatus } from './providers.ts';
import type { Config } from './schema.ts';

export type LoadOptions = FindOptions & {
  /** From SecretStorage, by name. A secret with a provider's name is that provider's key. */
  secrets?: Record<string, string> | undefined;
  /** Options of the command line or settings of the editor, which take precedence over the file. */
  overrides?: { port?: number | undefined; host?: string | undefined; requireToken?: boolean | undefined } | undefined;
  /** The names that `transformer.use` may contain. If undefined, names are not checked. */
  knownTransformers?: readonly string[] | undefined;
  readFile?: ReadFile | undefined;
};

type Loaded = {
  /** The config file, which may not exist. Absolute path. */
  file: string;
  problems: Problem[];
};

export type UsableConfig = Loaded & {
  usable: true;
  /** `demo`: there is no file, and the built-in config is used. */
  source: 'file' | 'demo';
  /** With variables and secrets substituted. Its providers may be off: see `providers`. */
  config: Config;
  /** One for each provider in the file, also for those that `config` lacks because they are invalid. */
  providers: ProviderStatus[];
  access: Access;
};

export type LoadedConfig = UsableConfig | (Loaded & { usable: false });

/**
 * Finds, reads and checks the config. Never throws: errors are returned as problems. The result is unusable only if
 * running with a guess would be worse than not starting.
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const exposed = new Set<string>();
  const readFile = options.readFile ?? createReader(exposed);
  const { file, namedBy } = findConfigFile(options);
  const dotenv = readDotenvFiles(options, readFile);
  for (const each of dotenv.names) if (exposed.has(each)) dotenv.problems.push(exposure(each));
  const unusable = (problems: Problem[]): LoadedConfig => ({ usable: false, file, problems });

  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    if (missing && namedBy === undefined) return usableDemo(options, file);
    const why = missing ? wording('it does not exist') : codeOf(error);
    return unusable([
      {
        severity: 'error',
        code: 'unreadable-file',
        file,
        ...worded(unreadable(namedBy, why)),
      },
    ]);
  }

  const parsed = parseConfigText(file, text);
  if (exposed.has(file) && holdsKey(parsed.value)) parsed.problems.push(exposure(file));
  if (!parsed.value) return unusable([...dotenv.problems, ...parsed.problems]);
  const sources = { environment: options.environment, dotenvFiles: dotenv.files, secrets: options.secrets ?? {} };
  const checked = checkConfig(parsed.value, parsed.places, sources, options.knownTransformers);
  const problems = [...dotenv.problems, ...parsed.problems, ...checked.problems];
  if (!checked.config) return unusable(problems);
  const usable = finish(checked.config, checked, options);
  const binding = bindingProblem(usable.config.HOST, usable.access);
  const isInFile = !options.overrides?.host;
  if (binding) problems.push({ ...binding, ...(isInFile && parsed.places.ofValue(['HOST'])) });
  return { ...usable, source: 'file', file, problems };
}

/** Larger than any config. Bytes. */
const maxBytes = 8 * 1024 * 1024;

/** Adds the files that other users can read to `exposed`. */
function createReader(exposed: Set<string>): ReadFile {
  return (file) => {
    const found = readSecretFile(file, { maxBytes });
    if (found.exposed) exposed.add(file);
    return decodeText(found.bytes);
  };
}

function exposure(file: string): Problem {
  const said = wording('Other users of this machine can read the keys in this file. Run: chmod 600 "{0}"', file);
  return { severity: 'warning', code: 'exposed-file', file, ...worded(said) };
}

/** Whether a parsed file has a key in it, and not the variable that holds it. */
function holdsKey(value: unknown): boolean {
  if (!isObject(value)) return false;
  const providers: unknown[] = Array.isArray(value['Providers']) ? value['Providers'] : [];
  const keys = providers.filter(isObject).flatMap(({ api_key: key, api_keys: more }) => [key, more].flat());
  return [...keys, value['APIKEY']].some((key) => typeof key === 'string' && key.length >= 8 && !key.startsWith('$'));
}

function unreadable(namedBy: string | undefined, why: string | Wording): Wording {
  return namedBy === undefined
    ? wording("Can't read the config file: {0}.", why)
    : wording("Can't read the config file that {0} names: {1}.", namedBy, why);
}

function usableDemo(options: LoadOptions, file: string): LoadedConfig {
  const config = demoConfig();
  const providers = config.Providers.map(({ name }) => ({ name, enabled: true as const }));
  const usable = finish(config, { providers }, options);
  const binding = bindingProblem(usable.config.HOST, usable.access);
  return { ...usable, source: 'demo', file, problems: binding ? [binding] : [] };
}

function finish(
  config: Config,
  { providers }: Pick<Checked, 'providers'>,
  { overrides = {}, environment }: LoadOptions,
): Pick<UsableConfig, 'usable' | 'config' | 'providers' | 'access'> {
  return {
    usable: true,
    config: { ...config, PORT: overrides.port ?? config.PORT, HOST: overrides.host || config.HOST },
    providers,
    access: accessOf(config, environment, overrides.requireToken),
  };
}
