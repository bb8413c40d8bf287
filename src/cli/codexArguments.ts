/**
 * The command line that makes Codex use CCR. Facts about Codex (clients-wire.md §1, and measured with 0.169 and 0.80):
 * `-c` before a subcommand applies to it; a later `-c` overrides an earlier one, and any `-c` overrides a profile; `-m` is
 * allowed once before and once after a subcommand, and the later one wins; `-s` is allowed only once; 0.80 ignores unknown
 * keys.
 */

/** The variable from which Codex reads its key for CCR. Every user of the machine could read a key on the command line. */
export const clientTokenVariable = 'CCR_CLIENT_TOKEN';

export type CodexArguments = {
  userArguments: readonly string[];
  /** The gateway's URL, without `/v1`. */
  url: string;
  /** The window's scope, from CCR_SCOPE. */
  scope?: string | undefined;
  catalogFile: string;
  /** From CODEX_MODEL. */
  model?: string | undefined;
  /** The top-level keys that the profile of `-p` sets. */
  profileKeys?: ReadonlySet<string> | undefined;
};

/** Enough retries to survive a restart of the gateway, which itself handles failing providers. */
const retries = { request: 4, stream: 3 };

/** Commands that use no model, or that another program drives. */
const untouchedCommands = new Set(
  [
    ['login', 'logout', 'mcp', 'plugin', 'app-server', 'remote-control', 'exec-server', 'completion', 'update', 'help'],
    ['doctor', 'sandbox', 'debug', 'apply', 'a', 'queue', 'archive', 'unarchive', 'delete', 'cloud', 'features'],
    ['migrate-rollouts', 'migrate-nfs-db'],
  ].flat(),
);
/** Options that choose another provider than CCR, or that run nothing. */
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

/** Whether Codex gets the user's arguments unchanged, without CCR. */
export function passesUntouched(userArguments: readonly string[]): boolean {
  const { command, options } = readCommandLine(userArguments);
  if (options.some(({ name }) => untouchedOptions.has(name))) return true;
  return command !== undefined && untouchedCommands.has(command);
}

/** The profile that `-p` names. */
export function profileOf(userArguments: readonly string[]): string | undefined {
  return readCommandLine(userArguments).options.findLast(({ name }) => name === '-p' || name === '--profile')?.value;
}

/** Codex's complete command line, and notes to show to the user. */
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

/** JSON's string escapes are valid in TOML. */
function tomlString(text: string): string {
  return JSON.stringify(text);
}

function isModelGiven(options: readonly Option[]): boolean {
  return options.some(({ name, value }) => {
    if (name === '-m' || name === '--model') return true;
    return (name === '-c' || name === '--config') && /^\s*model\s*=/.test(value ?? '');
  });
}

/** Replaces `--full` and `--full-auto`, which Codex has removed but guides still show. */
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
  const instead = isSandboxGiven ? 'your own sandbox option applies' : 'CCR passes -s workspace-write instead';
  return { userArguments: replaced, notes: [`Codex no longer has ${first.name}: ${instead}.`] };
}

/** Reads the line as Codex's parser does: options anywhere before `--`; the first other word is a command or a prompt. */
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
