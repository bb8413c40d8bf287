import * as vscode from 'vscode';
import { gatewayUrl } from '../control/client.ts';
import type { Place } from './gatewayConnector.ts';
import type { LinkStatus } from './linkStatus.ts';
import { applyMutations, terminalMutations, type Mutation, type TerminalClient } from './terminalEnvironment.ts';

export type TerminalsParts = {
  collection: vscode.EnvironmentVariableCollection;
  scope: string;
  shimFolder: string;
  /** The clients to set up, from the settings ccr.terminal. Empty when they turn this off. */
  clients(): readonly TerminalClient[];
};

/** Sets the environment variables of this window's new terminals. */
export type Terminals = {
  /** Call before the gateway runs: restored terminals should get the same values as before. */
  expect(place: Place): void;
  show(status: LinkStatus): void;
  /** Call when the settings ccr.terminal have changed. */
  refresh(): void;
  /** The variables of a single terminal in which Codex uses CCR. Undefined when the settings do this for all terminals. */
  ownEnvironment(): Record<string, string> | undefined;
};

const types = {
  replace: vscode.EnvironmentVariableMutatorType.Replace,
  append: vscode.EnvironmentVariableMutatorType.Append,
  prepend: vscode.EnvironmentVariableMutatorType.Prepend,
};

/** Applied at shell integration too, so that a shell's start-up file does not override them. */
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
    // Persistent variables are written to disk, where a token must not be.
    collection.persistent = gateway?.token === undefined;
    collection.description = gateway && `${describe(clients())} use CCR at ${gateway.url}`;
    setVariables(collection, mutations(clients()));
  }

  function setGateway(next: typeof gateway): void {
    gateway = next;
    refresh();
  }

  return {
    expect: (place) =>
      setGateway(place.port === 0 ? undefined : { url: gatewayUrl(place.host, place.port), token: undefined }),
    show(status) {
      switch (status.kind) {
        case 'running':
        case 'newer':
          return setGateway({ url: status.url, token: status.token });
        case 'stopped':
        case 'failed':
          return setGateway(undefined);
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

/** Changes only what differs: each change makes VS Code ask for a relaunch of every open terminal. */
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
