import type { ToolCallPart } from '../canonical/request.ts';
import { isObject, parseJson } from '../canonical/json.ts';
import { readShellLine, type ShellCommand } from './shellWords.ts';

/** What kind of program printed a result. A result has several kinds if its command line ran several programs. */
export type OutputKind =
  | 'build'
  | 'test'
  | 'install'
  | 'git-diff'
  | 'git-log'
  | 'git-status'
  | 'git-transfer'
  | 'search';

/** Programs that print next to nothing, so that they don't affect the kind. */
const quiet = new Set(['cd', 'pushd', 'popd', 'export', 'set', 'unset', 'source', '.', 'true', 'mkdir', 'rm', 'touch', 'chmod', 'cp', 'mv', 'echo', 'sleep']); // prettier-ignore
/** Programs that pass on a part of their input. */
const filters = new Set(['tail', 'head', 'tee']);
/** Programs that run the command in their arguments, with the options that take a value. */
const wrappers = new Map<string, RegExp>([
  ['sudo', /^-[ugh]$/],
  ['time', /^-[fo]$/],
  ['nice', /^-n$/],
  ['timeout', /^-[ks]$/],
  ['env', /^-[uC]$/],
  ['stdbuf', /^$/],
  ['nohup', /^$/],
  ['command', /^$/],
]);

/**
 * The kinds of output in a call's result, from the command that it ran. Empty for anything whose output may be needed
 * verbatim, such as commands that read files: every part of the command line must be known.
 */
export function outputKinds(call: ToolCallPart): OutputKind[] {
  if (call.kind !== 'function') return [];
  const input = parseJson(call.input);
  const commands = isObject(input) ? readCommands(input['command'] ?? input['cmd']) : undefined;
  return commands ? kindsOfCommands(commands) : [];
}

/** Reads `"npm test"` (Claude Code's Bash, Codex's exec_command) or `["bash", "-lc", "npm test"]` (Codex's shell). */
function readCommands(command: unknown): ShellCommand[] | undefined {
  if (typeof command === 'string') return readShellLine(command);
  if (!Array.isArray(command) || !command.every((word) => typeof word === 'string')) return undefined;
  const [shell = '', flag = '', script] = command;
  if (!/(^|\/)(ba|z|da)?sh$/.test(shell)) return [{ words: command, piped: false }];
  return /^-\w*c$/.test(flag) && command.length === 3 && script !== undefined ? readShellLine(script) : undefined;
}

function kindsOfCommands(commands: readonly ShellCommand[]): OutputKind[] {
  const kinds = new Set<OutputKind>();
  let fed = false;
  for (const { words, piped } of commands) {
    const command = bareCommand(words);
    const [program = ''] = command;
    const found = fed ? (filters.has(program) ? [] : undefined) : kindsOf(command);
    if (!found) return [];
    for (const kind of found) kinds.add(kind);
    fed = piped;
  }
  return [...kinds];
}

/** Strips redirections, leading variables and wrappers, and the program's directory. */
function bareCommand(words: ShellCommand['words']): string[] {
  const all: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (/^\d?>&\d$/.test(word)) continue;
    if (/^(?:\d|&)?>{1,2}$/.test(word)) at++;
    else all.push(word);
  }
  for (;;) {
    const [first = ''] = all;
    const valued = wrappers.get(first);
    if (/^\w+=/.test(first)) all.shift();
    else if (valued) dropWrapper(all, valued);
    else break;
  }
  const [program = '', ...rest] = all;
  return [program.replace(/^.*\//, ''), ...rest];
}

function dropWrapper(words: string[], valued: RegExp): void {
  const wrapper = words.shift();
  while (words[0]?.startsWith('-')) if (valued.test(words.shift() ?? '')) words.shift();
  if (wrapper === 'timeout') words.shift();
}

const tests: OutputKind[] = ['test'];
const builds: OutputKind[] = ['build'];
const both: OutputKind[] = ['build', 'test'];
const installs: OutputKind[] = ['install'];

/** Programs that have the same kinds whatever their arguments are. */
const programs = new Map<string, OutputKind[]>([
  ...['pytest', 'py.test', 'tox', 'nox', 'jest', 'vitest', 'mocha', 'ava', 'rspec', 'phpunit', 'ctest', 'nextest'].map(
    (name): [string, OutputKind[]] => [name, tests],
  ),
  ...['tsc', 'vite', 'webpack', 'esbuild', 'rollup', 'tsup'].map((name): [string, OutputKind[]] => [name, builds]),
  ...['make', 'gmake', 'ninja', 'cmake', 'gradle', 'gradlew', 'mvn', 'mvnw', 'bazel', 'meson'].map(
    (name): [string, OutputKind[]] => [name, both],
  ),
  ...['rg', 'grep', 'egrep', 'fgrep', 'ag'].map((name): [string, OutputKind[]] => [name, ['search']]),
]);

/** Undefined for an unknown command. */
function kindsOf(command: readonly string[]): OutputKind[] | undefined {
  const [program = '', ...words] = command;
  if (quiet.has(program)) return [];
  if (programs.get(program)?.[0] === 'search') return kindsOfSearch(words);
  const known = programs.get(program);
  if (known) return known;
  const [verb = '', next = ''] = words.filter((word) => !word.startsWith('-'));
  switch (program) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'bun':
      return kindsOfPackageManager(program, verb, next, words);
    case 'npx':
    case 'bunx':
      return kindsOf(words.slice(words.indexOf(verb)));
    case 'node':
      return words.includes('--test') ? tests : undefined;
    case 'cargo':
      return byVerb(verb, { test: both, nextest: both, bench: builds, build: builds, b: builds, check: builds, clippy: builds, doc: builds, install: builds, fetch: builds, update: builds }); // prettier-ignore
    case 'go':
      return byVerb(verb, { test: tests, build: builds, vet: builds, install: builds, get: installs, mod: installs });
    case 'python':
    case 'python3':
      return words[0] === '-m' ? kindsOf([words[1] === 'unittest' ? 'pytest' : (words[1] ?? ''), ...words.slice(2)]) : undefined; // prettier-ignore
    case 'uv':
    case 'poetry':
    case 'bundle':
      return byVerb(verb, { install: installs, sync: installs, add: installs, pip: installs, run: undefined }) ?? (verb === 'run' || verb === 'exec' ? kindsOf(words.slice(words.indexOf(verb) + 1)) : undefined); // prettier-ignore
    case 'pip':
    case 'pip3':
    case 'apt':
    case 'apt-get':
    case 'brew':
    case 'gem':
    case 'composer':
      return byVerb(verb, { install: installs, update: installs, upgrade: installs, require: installs });
    case 'dotnet':
    case 'swift':
    case 'mix':
    case 'deno':
      return byVerb(verb, { test: both, build: builds, restore: installs });
    case 'git':
      return kindsOfGit(words);
    default:
      return undefined;
  }
}

function byVerb(verb: string, kinds: Record<string, OutputKind[] | undefined>): OutputKind[] | undefined {
  return Object.hasOwn(kinds, verb) ? kinds[verb] : undefined;
}

function kindsOfPackageManager(
  program: string,
  verb: string,
  next: string,
  words: readonly string[],
): OutputKind[] | undefined {
  const script = verb === 'run' || verb === 'run-script' ? next : verb;
  if (/^(?:test|t|tst)(?:[:-][\w:-]+)?$/.test(script)) return both;
  if (/^(?:build|compile|typecheck)(?:[:-][\w:-]+)?$/.test(script) && (verb !== script || program !== 'npm'))
    return builds;
  if (/^(install|i|ci|add|update|up)$/.test(verb) || (verb === '' && program === 'yarn')) return installs;
  return verb === 'exec' || verb === 'dlx' ? kindsOf(words.slice(words.indexOf(next))) : undefined;
}

/** Searches with context lines, and those that only list files, are kept whole. */
function kindsOfSearch(words: readonly string[]): OutputKind[] | undefined {
  const whole = words.some((word) => /^-[a-zA-Z]*[ABCLlc]|^--(context|after|before|files|count|json|heading|replace)/.test(word)); // prettier-ignore
  return whole ? undefined : ['search'];
}

function kindsOfGit(all: readonly string[]): OutputKind[] | undefined {
  const words = [...all];
  while (words[0]?.startsWith('-')) {
    const option = words.shift();
    if (option === '-C' || option === '-c') words.shift();
  }
  const [verb = '', ...rest] = words;
  switch (verb) {
    case 'diff':
      return ['git-diff'];
    case 'show':
      // `HEAD:file` prints a file.
      return rest.some((word) => word.includes(':')) ? undefined : ['git-diff'];
    case 'log':
      return ['git-log', 'git-diff'];
    case 'status':
      return ['git-status'];
    case 'fetch':
    case 'pull':
    case 'push':
    case 'clone':
      return ['git-transfer'];
    case 'grep':
      return kindsOfSearch(rest);
    case 'add':
    case 'checkout':
    case 'switch':
    case 'commit':
    case 'stash':
      return verb === 'stash' && rest[0] === 'show' ? undefined : [];
    default:
      return undefined;
  }
}
