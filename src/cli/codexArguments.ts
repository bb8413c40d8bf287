/**
 * The command line by which Codex goes through CCR. Facts about Codex (clients-wire.md §1, and measured with 0.169 and
 * 0.80): `-c` before a subcommand counts for it; a later `-c` wins over an earlier one, but any `-c` wins over a profile;
 * `-m` may stand once before and once after a subcommand, the later one wins; `-s` may stand only once; 0.80 ignores the
 * keys that it does not know.
 */

/** The variable by which Codex reads its key for CCR: on the command line every user of the machine could see it. */
export const clientTokenVariable = 'CCR_CLIENT_TOKEN';

export type CodexArguments = {
  userArguments: readonly string[];
  /** Of the gateway, without `/v1`. */
  url: string;
  /** The window's, from CCR_SCOPE. */
  scope?: string | undefined;
  catalogFile: string;
  /** CODEX_MODEL. */
  model?: string | undefined;
  /** The keys that the profile of `-p` decides at its top level. */
  profileKeys?: ReadonlySet<string> | undefined;
};

/** Retries bridge a restart of the gateway; failing providers are its own affair. */
const retries = { request: 4, stream: 3 };

/** Commands that ask no model, or that another program drives. */
const untouchedCommands = new Set(
  [
    ['login', 'logout', 'mcp', 'plugin', 'app-server', 'remote-control', 'exec-server', 'completion', 'update', 'help'],
    ['doctor', 'sandbox', 'debug', 'apply', 'a', 'queue', 'archive', 'unarchive', 'delete', 'cloud', 'features'],
    ['migrate-rollouts', 'migrate-nfs-db'],
  ].flat(),
);
/** With these, somebody else than a provider of ours was chosen, or nothing is run. */
const untouchedOptions = new Set(['--help', '-h', '--version', '-V', '--oss', '--local-provider', '--remote']);

const optionsWithValue = new Set(
  [
    ['-c', '--config', '-m', '--model', '-p', '--profile', '-s', '--sandbox', '-a', '--ask-for-approval'],
    ['-C', '--cd', '--add-dir', '--enable', '--disable', '--remote', '--remote-auth-token-env', '--local-provider'],
    ['-o', '--output-last-message', '--output-schema', '--color'],
  ].flat(),
);
const optionsWithValues = new Set(['-i', '--image']);

const fullOptions = new Set(['--full', '--full-auto']);
const sandboxOptions = new Set([
  '-s',
  '--sandbox',
  '--approve-for-me',
  '--dangerously-bypass-approvals-and-sandbox',
  '--yolo',
]);

type Option = { name: string; value: string | undefined; index: number };
type CommandLine = { command: string | undefined; options: Option[] };

/** Whether Codex is to get its arguments as they are. */
export function passesUntouched(userArguments: readonly string[]): boolean {
  const { command, options } = readCommandLine(userArguments);
  if (options.some(({ name }) => untouchedOptions.has(name))) return true;
  return command !== undefined && untouchedCommands.has(command);
}

/** The profile that `-p` names. */
export function profileOf(userArguments: readonly string[]): string | undefined {
  return readCommandLine(userArguments).options.findLast(({ name }) => name === '-p' || name === '--profile')?.value;
}

/** Codex's whole command line, and what to tell the user about it. */
export function codexArguments(input: CodexArguments): { arguments: string[]; notes: string[] } {
  const { options } = readCommandLine(input.userArguments);
  const profileKeys = input.profileKeys ?? new Set();
  const { userArguments, notes } = withoutFull(input.userArguments, options);
  const added = [
    ...(profileKeys.has('model_provider') ? [] : ['-c', 'model_provider="ccr"']),
    '-c',
    `model_providers.ccr=${providerTable(input)}`,
    ...(profileKeys.has('model_catalog_json') ? [] : ['-c', `model_catalog_json=${tomlString(input.catalogFile)}`]),
    ...(input.model && !isModelGiven(options) && !profileKeys.has('model') ? ['-m', input.model] : []),
  ];
  return { arguments: [...added, ...userArguments], notes };
}

function providerTable({ url, scope }: CodexArguments): string {
  const base = scope === undefined || scope === '' ? url : `${url}/w/${encodeURIComponent(scope)}`;
  const entries = [
    'name="CCR"',
    `base_url=${tomlString(`${base}/v1`)}`,
    `env_key="${clientTokenVariable}"`,
    'wire_api="responses"',
    'supports_websockets=false',
    `request_max_retries=${retries.request}`,
    `stream_max_retries=${retries.stream}`,
  ];
  return `{${entries.join(',')}}`;
}

/** JSON's escapes are TOML's, too. */
function tomlString(text: string): string {
  return JSON.stringify(text);
}

function isModelGiven(options: readonly Option[]): boolean {
  return options.some(({ name, value }) => {
    if (name === '-m' || name === '--model') return true;
    return (name === '-c' || name === '--config') && /^\s*model\s*=/.test(value ?? '');
  });
}

/** `--full` and `--full-auto` are gone from Codex, but not from guides and habits. */
function withoutFull(
  userArguments: readonly string[],
  options: readonly Option[],
): { userArguments: string[]; notes: string[] } {
  const found = options.filter(({ name }) => fullOptions.has(name));
  const [first] = found;
  if (!first) return { userArguments: [...userArguments], notes: [] };
  const isSandboxGiven = options.some(({ name }) => sandboxOptions.has(name));
  const indexes = new Set(found.map(({ index }) => index));
  const replaced = userArguments.flatMap((argument, index) => {
    if (!indexes.has(index)) return [argument];
    return index === first.index && !isSandboxGiven ? ['-s', 'workspace-write'] : [];
  });
  const instead = isSandboxGiven ? 'your own sandbox option counts' : 'CCR passes -s workspace-write instead';
  return { userArguments: replaced, notes: [`Codex no longer has ${first.name}: ${instead}.`] };
}

/** As Codex's own parser reads it: options anywhere before `--`, the first other word is a command or a prompt. */
function readCommandLine(userArguments: readonly string[]): CommandLine {
  const options: Option[] = [];
  let command: string | undefined;
  for (let index = 0; index < userArguments.length; index++) {
    const argument = userArguments[index] ?? '';
    if (argument === '--') break;
    if (!argument.startsWith('-') || argument === '-') {
      command ??= argument;
      continue;
    }
    const { name, value } = splitOption(argument);
    const takesNext = value === undefined && optionsWithValue.has(name);
    options.push({ name, value: takesNext ? userArguments[index + 1] : value, index });
    if (takesNext) index++;
    if (value === undefined && optionsWithValues.has(name)) {
      while (index + 1 < userArguments.length && !userArguments[index + 1]?.startsWith('-')) index++;
    }
  }
  return { command, options };
}

/** `--model=x`, `-m=x` and `-mx` are one argument each. */
function splitOption(argument: string): { name: string; value: string | undefined } {
  if (argument.startsWith('--')) {
    const equals = argument.indexOf('=');
    return equals < 0
      ? { name: argument, value: undefined }
      : { name: argument.slice(0, equals), value: argument.slice(equals + 1) };
  }
  const name = argument.slice(0, 2);
  const rest = argument.slice(2);
  return { name, value: rest === '' ? undefined : rest.replace(/^=/, '') };
}
