import * as vscode from 'vscode';
import { gatewayUrl } from '../control/client.ts';
import type { Place } from './gatewayConnector.ts';
import type { LinkStatus } from './linkStatus.ts';
import { applyMutations, terminalMutations, type Mutation, type TerminalClient } from './terminalEnvironment.ts';

export type TerminalsParts = {
  collection: vscode.EnvironmentVariableCollection;
  scope: string;
  shimFolder: string;
  /** Those to prepare terminals for, by the settings ccr.terminal: none when they say no. */
  clients(): readonly TerminalClient[];
};

/** What new terminals of this window get. */
export type Terminals = {
  /** Before the gateway is there: terminals that VS Code restores should find the same values as before. */
  expect(place: Place): void;
  show(status: LinkStatus): void;
  /** The setting has changed. */
  refresh(): void;
  /** For a terminal in which Codex is to go through CCR although the settings say no. Undefined when it does in all. */
  ownEnvironment(): Record<string, string> | undefined;
};

const types = {
  replace: vscode.EnvironmentVariableMutatorType.Replace,
  append: vscode.EnvironmentVariableMutatorType.Append,
  prepend: vscode.EnvironmentVariableMutatorType.Prepend,
};

/** At shell integration too, so that a shell's own start-up file does not win. */
const options: vscode.EnvironmentVariableMutatorOptions = {
  applyAtProcessCreation: true,
  applyAtShellIntegration: true,
};

export function createTerminals({ collection, scope, shimFolder, clients }: TerminalsParts): Terminals {
  let gateway: { url: string; token: string | undefined } | undefined;

  function mutations(wanted: readonly TerminalClient[]): Mutation[] {
    if (!gateway || wanted.length === 0) return [];
    const { env: environment, platform } = process;
    return terminalMutations({ ...gateway, scope, shimFolder, environment, platform, clients: wanted });
  }

  function refresh(): void {
    // What outlives the window lies on disk, where a token must not.
    collection.persistent = gateway?.token === undefined;
    collection.description = gateway && `${describe(clients())} go through CCR at ${gateway.url}`;
    setVariables(collection, mutations(clients()));
  }

  function point(next: typeof gateway): void {
    gateway = next;
    refresh();
  }

  return {
    expect: (place) =>
      point(place.port === 0 ? undefined : { url: gatewayUrl(place.host, place.port), token: undefined }),
    show(status) {
      switch (status.kind) {
        case 'running':
        case 'newer':
          return point({ url: status.url, token: status.token });
        case 'stopped':
        case 'failed':
          return point(undefined);
        case 'starting':
          return undefined;
        default:
          return status satisfies never;
      }
    },
    refresh,
    ownEnvironment: () => (clients().includes('codex') ? undefined : applyMutations(mutations(['codex']), process.env)),
  };
}

function describe(clients: readonly TerminalClient[]): string {
  const names = { codex: 'Codex and other OpenAI clients', claude: 'Claude Code and other Anthropic clients' };
  return clients.map((client) => names[client]).join(', ');
}

/** Touches only what differs: each change makes VS Code ask for a relaunch of every open terminal. */
function setVariables(collection: vscode.EnvironmentVariableCollection, mutations: readonly Mutation[]): void {
  const wanted = new Set(mutations.map(({ name }) => name));
  const present: string[] = [];
  collection.forEach((name) => void present.push(name));
  for (const name of present) if (!wanted.has(name)) collection.delete(name);
  for (const { kind, name, value } of mutations) {
    const before = collection.get(name);
    if (before?.value === value && before.type === types[kind]) continue;
    collection[kind](name, value, options);
  }
}
